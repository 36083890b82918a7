import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { DateTime, Effect, Option } from "effect"
import { ApiKeyId } from "../../src/domain/ApiKey.ts"
import type { KeyStore } from "../../src/services/apiKeys/KeyStore.ts"
import { Ids } from "../../src/services/Ids.ts"
import { newTeam } from "./MigratedServices.ts"
import type { TestServices } from "./MigratedServices.ts"

const noon = DateTime.makeUnsafe("2027-01-15T12:00:00Z")
const [hash, otherHash] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]

/** When a use is written down: what two replicas note of one key at once must not be two writes. */
export const keyStoreSuite =
  <R>(makeStore: Effect.Effect<KeyStore, never, R>) =>
  (it: Vitest.MethodsNonLive<TestServices | R>) => {
    it.effect.each([
      ["writes nothing down within a minute of the last use", 59_999, hash, 0, hash],
      ["writes a use down a minute after the last", 60_000, hash, 60_000, hash],
      ["writes another code down at once", 1, otherHash, 1, otherHash],
      ["writes nothing down of an earlier use", -60_000, hash, 0, hash]
    ] as const)("%s", ([, after, code, usedAfter, codeAfter]) =>
      Effect.gen(function* () {
        const store = yield* makeStore
        const team = yield* newTeam
        const id = ApiKeyId.make((yield* (yield* Ids).next).id)
        const unused = { id, team, label: null, createdAt: noon, expiresAt: null, lastUsedAt: null, revokedAt: null }
        yield* store.insert({ ...unused, hash })
        yield* store.touch(id, noon, hash)
        yield* store.touch(id, DateTime.add(noon, { milliseconds: after }), code)
        const record = yield* Effect.flatMap(
          store.find(id),
          Option.match({ onNone: () => Effect.die("gone"), onSome: Effect.succeed })
        )
        assert.deepStrictEqual(record.lastUsedAt, DateTime.add(noon, { milliseconds: usedAfter }))
        assert.deepStrictEqual([...record.hash], [...codeAfter])
      })
    )
  }
