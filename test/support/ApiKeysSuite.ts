import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { DateTime, Effect, Redacted, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { randomInt } from "node:crypto"
import { ApiKeyId } from "../../src/domain/ApiKey.ts"
import type { KeyFault } from "../../src/domain/ApiKey.ts"
import type { ApiKey } from "../../src/domain/ApiKey.ts"
import type { TeamId } from "../../src/domain/Team.ts"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { makeToken } from "../../src/services/apiKeys/Token.ts"
import { Ids } from "../../src/services/Ids.ts"
import { newTeam } from "./MigratedServices.ts"
import type { TestServices } from "./MigratedServices.ts"

/** A new key of a new team. */
export const newKey = Effect.fnUntraced(function* (expiresAt: DateTime.Utc | null = null) {
  const { id, name } = yield* newTeam
  const team = { id, name }
  const { key, token } = yield* (yield* ApiKeys).create(team, { label: "a key", expiresAt })
  return { team, key, token: Redacted.value(token) }
})

/** The team's only key, once `until` holds. */
export const keyOnce = (team: TeamId, isAwaited: (key: ApiKey) => boolean) =>
  Effect.flatMap(ApiKeys, ({ list }) =>
    list(team).pipe(
      Effect.flatMap(([key]) => (key !== undefined && isAwaited(key) ? Effect.succeed(key) : Effect.fail("not yet"))),
      Effect.retry({ schedule: Schedule.spaced("5 millis"), times: 400 }),
      TestClock.withLive
    )
  )

/** A key with one character changed, for each of its characters. */
export const changedOnce = (token: string) =>
  Array.from(token, (was, at) => `${token.slice(0, at)}${was === "0" ? "1" : "0"}${token.slice(at + 1)}`)

export const isRefused = (token: string, fault: KeyFault = "malformed") =>
  Effect.flatMap(ApiKeys, ({ authenticate }) =>
    Effect.map(Effect.flip(authenticate(token)), (refused) => assert.strictEqual(refused.fault, fault))
  )

/** Creation, lookup, rejection and revocation of keys. */
export const apiKeysSuite = (it: Vitest.MethodsNonLive<TestServices>) => {
  it.effect("creates a key that identifies its team", () =>
    Effect.gen(function* () {
      const { key, team, token } = yield* newKey()
      assert.match(token, /^tbg_[0-9a-f]{32}_[0-9A-Za-z]{38}$/u)
      assert.deepStrictEqual(yield* (yield* ApiKeys).authenticate(token), { keyId: key.id, team })
    })
  )

  it.effect("lists a team's keys from the oldest, without the secret part", () =>
    Effect.gen(function* () {
      const { create, list } = yield* ApiKeys
      const { key, team, token } = yield* newKey()
      yield* newKey()
      const expiresAt = DateTime.makeUnsafe("2099-01-01T00:00:00Z")
      const later = yield* create(team, { label: null, expiresAt })
      const listed = yield* list(team.id)
      assert.deepStrictEqual(listed, [key, later.key])
      assert.notInclude(JSON.stringify(listed), token.slice(37))
    })
  )

  it.effect("rejects a key with any single character changed", () =>
    Effect.gen(function* () {
      const { token } = yield* newKey()
      yield* Effect.forEach(changedOnce(token), (changed) => isRefused(changed))
    })
  )

  it.effect.each([
    ["nothing", () => ""],
    ["a cut one", (token: string) => token.slice(0, -1)],
    ["a longer one", (token: string) => `${token}0`],
    ["one with a line after it", (token: string) => `${token}\n`],
    ["one in capitals", (token: string) => token.toUpperCase()],
    ["one with a character of another script", (token: string) => `${token.slice(0, -1)}е`]
  ] as const)("rejects %s", ([, of]) =>
    Effect.gen(function* () {
      const { token } = yield* newKey()
      yield* isRefused(of(token))
    })
  )

  it.effect("rejects a well-formed key that was never issued", () =>
    Effect.gen(function* () {
      const { next } = yield* Ids
      yield* isRefused(Redacted.value(makeToken(ApiKeyId.make((yield* next).id), randomInt)), "unknown")
    })
  )

  it.effect("rejects a well-formed key whose id is not a UUID", () =>
    isRefused(
      Redacted.value(
        makeToken(ApiKeyId.make("00000000-0000-0000-0000-000000000001", { disableChecks: true }), randomInt)
      )
    )
  )

  it.effect("rejects another secret under the id of a key", () =>
    Effect.gen(function* () {
      const { key } = yield* newKey()
      yield* isRefused(Redacted.value(makeToken(key.id, randomInt)), "unknown")
    })
  )

  it.effect("rejects a key from its expiry on", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const expiresAt = DateTime.add(yield* DateTime.now, { milliseconds: 1000 })
      const { token } = yield* newKey(expiresAt)
      yield* TestClock.adjust(999)
      yield* authenticate(token)
      yield* TestClock.adjust(1)
      yield* isRefused(token, "expired")
    })
  )

  it.effect("rejects a revoked key immediately in this process, with the time of revocation", () =>
    Effect.gen(function* () {
      const { authenticate, list, revoke } = yield* ApiKeys
      const { key, team, token } = yield* newKey()
      yield* authenticate(token)
      yield* revoke(key.id)
      yield* isRefused(token, "revoked")
      const [listed] = yield* list(team.id)
      assert.deepStrictEqual(listed?.revokedAt, yield* DateTime.now)
    })
  )

  it.effect("revokes a key once, and does not revoke an unknown key", () =>
    Effect.gen(function* () {
      const { revoke } = yield* ApiKeys
      const { key } = yield* newKey()
      yield* revoke(key.id)
      const unknown = ApiKeyId.make((yield* (yield* Ids).next).id)
      assert.strictEqual((yield* Effect.flip(revoke(key.id))).id, key.id)
      assert.strictEqual((yield* Effect.flip(revoke(unknown))).id, unknown)
    })
  )

  it.effect("records the last use of a key at most once a minute", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { key, team, token } = yield* newKey()
      assert.isNull(key.lastUsedAt)
      const first = yield* DateTime.now
      yield* authenticate(token)
      const noted = yield* keyOnce(team.id, ({ lastUsedAt }) => lastUsedAt !== null)
      assert.deepStrictEqual(noted.lastUsedAt, first)
      yield* TestClock.adjust("59 seconds")
      yield* authenticate(token)
      yield* TestClock.adjust("1 second")
      const second = yield* DateTime.now
      yield* authenticate(token)
      const isLater = ({ lastUsedAt }: ApiKey) => lastUsedAt !== null && DateTime.isGreaterThan(lastUsedAt, first)
      assert.deepStrictEqual((yield* keyOnce(team.id, isLater)).lastUsedAt, second)
    })
  )
}
