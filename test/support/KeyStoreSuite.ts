import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { DateTime, Effect, Option } from "effect"
import { ApiKeyId } from "../../src/domain/ApiKey.ts"
import type { KeyStore } from "../../src/services/apiKeys/KeyStore.ts"
import { Ids } from "../../src/services/Ids.ts"
import { newTeam } from "./MigratedServices.ts"
import type { TestServices } from "./MigratedServices.ts"

const noon = DateTime.makeUnsafe("2027-01-15T12:00:00Z")
const [hash, otherHash, thirdHash] = [
  new Uint8Array(32).fill(1),
  new Uint8Array(32).fill(2),
  new Uint8Array(32).fill(3)
]

/** Time of an update of last_used_at: two replicas that use one key must not both write. */
export const keyStoreSuite =
  <R>(makeStore: Effect.Effect<KeyStore, never, R>) =>
  (it: Vitest.MethodsNonLive<TestServices | R>) => {
    it.effect.each([
      ["writes nothing within a minute of the last use", 59_999, undefined, 0, hash],
      ["writes a use a minute after the last, and leaves the hash", 60_000, undefined, 60_000, hash],
      ["replaces a hash at once", 1, hash, 1, otherHash],
      ["does not replace a hash that another replica has replaced", 1, thirdHash, 0, hash],
      ["writes nothing of an earlier use", -60_000, undefined, 0, hash]
    ] as const)("%s", ([, after, replaced, usedAfter, hashAfter]) =>
      Effect.gen(function* () {
        const store = yield* makeStore
        const team = yield* newTeam
        const id = ApiKeyId.make((yield* (yield* Ids).next).id)
        const unused = { id, team, label: null, createdAt: noon, expiresAt: null, lastUsedAt: null, revokedAt: null }
        yield* store.insert({ ...unused, hash }, "fingerprint")
        yield* store.touch(id, noon)
        const later = DateTime.add(noon, { milliseconds: after })
        yield* replaced === undefined ? store.touch(id, later) : store.rehash(id, later, replaced, otherHash)
        const record = yield* Effect.flatMap(
          store.find(id),
          Option.match({ onNone: () => Effect.die("gone"), onSome: Effect.succeed })
        )
        assert.deepStrictEqual(record.lastUsedAt, DateTime.add(noon, { milliseconds: usedAfter }))
        assert.deepStrictEqual([...record.hash], [...hashAfter])
      })
    )
  }
