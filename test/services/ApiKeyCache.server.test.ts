import { assert, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { randomInt } from "node:crypto"
import { ApiKeyId } from "../../src/domain/ApiKey.ts"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { makeToken } from "../../src/services/apiKeys/Token.ts"
import { Ids } from "../../src/services/Ids.ts"
import { changedOnce, keyOnce, newKey } from "../support/ApiKeysSuite.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { countedStatements } from "../support/CountedStatements.ts"
import { whileLocked } from "../support/Locks.ts"
import { realServices } from "../support/MigratedServices.ts"

/** Another process of the service on the same database. */
const replica = (cacheSeconds: number) =>
  Effect.map(Layer.build(Layer.fresh(ApiKeys.layer({ cacheSeconds }))), Context.get(ApiKeys))

const unknownToken = Effect.map(
  Effect.flatMap(Ids, ({ next }) => next),
  ({ id }) => Redacted.value(makeToken(ApiKeyId.make(id), randomInt))
)

/** Reads of an authentication; updates of last_used_at are concurrent. */
const readsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(countedStatements(effect), ({ statements }) => statements.filter((text) => text.startsWith("SELECT")))

layer(realServices)("the lookup of API keys", (it) => {
  it.effect("runs no query for a malformed key", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { token } = yield* newKey()
      const { statements } = yield* countedStatements(
        Effect.forEach([...changedOnce(token), "", "x".repeat(10_000)], (one) => Effect.flip(authenticate(one)))
      )
      assert.deepStrictEqual(statements, [])
    })
  )

  it.effect("runs one query for a key in a thousand concurrent requests", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { token } = yield* newKey()
      const thousand = Effect.forEach(Array.from({ length: 1000 }), () => authenticate(token), {
        concurrency: "unbounded"
      })
      assert.lengthOf(yield* readsOf(thousand), 1)
    })
  )

  it.effect("continues for waiting callers if the request that began it is canceled", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { key, token } = yield* newKey()
      const other = yield* whileLocked(
        "LOCK TABLE tbg_api.api_keys IN ACCESS EXCLUSIVE MODE",
        Effect.gen(function* () {
          const first = yield* Effect.forkChild(authenticate(token), { startImmediately: true })
          const second = yield* Effect.forkChild(authenticate(token), { startImmediately: true })
          yield* Fiber.interrupt(first)
          return second
        })
      )
      assert.strictEqual((yield* Fiber.join(other)).keyId, key.id)
    })
  )

  it.effect("runs another query when a cached key has expired", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { token } = yield* newKey()
      yield* authenticate(token)
      yield* TestClock.adjust(4999)
      assert.lengthOf(yield* readsOf(authenticate(token)), 0)
      yield* TestClock.adjust(1)
      assert.lengthOf(yield* readsOf(authenticate(token)), 1)
    })
  )

  it.effect("accepts a key that another replica revoked until its cache entry expires", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const other = yield* replica(5)
      const { key, token } = yield* newKey()
      yield* authenticate(token)
      yield* other.revoke(key.id)
      yield* TestClock.adjust(4999)
      yield* authenticate(token)
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Effect.flip(authenticate(token))).fault, "revoked")
    })
  )

  it.effect("runs a query each time without a cache, so that a revocation takes effect at once", () =>
    Effect.gen(function* () {
      const [{ authenticate }, other] = yield* Effect.all([replica(0), replica(0)])
      const { key, token } = yield* newKey()
      assert.lengthOf(yield* readsOf(Effect.andThen(authenticate(token), authenticate(token))), 2)
      yield* other.revoke(key.id)
      assert.strictEqual((yield* Effect.flip(authenticate(token))).fault, "revoked")
    })
  )

  it.effect("caches at most its capacity", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { token } = yield* newKey()
      yield* authenticate(token)
      assert.lengthOf(yield* readsOf(authenticate(token)), 0)
      const guess = Effect.flatMap(unknownToken, (one) => Effect.flip(authenticate(one)))
      yield* Effect.forEach(Array.from({ length: 10_000 }), () => guess, { concurrency: 64, discard: true })
      assert.lengthOf(yield* readsOf(authenticate(token)), 1)
    })
  )

  it.effect("succeeds before last_used_at can be updated", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { key, team, token } = yield* newKey()
      yield* whileLocked(`SELECT 1 FROM tbg_api.api_keys WHERE id = '${key.id}' FOR UPDATE`, authenticate(token))
      yield* keyOnce(team.id, ({ lastUsedAt }) => lastUsedAt !== null)
    })
  )

  it.effect("succeeds if last_used_at cannot be updated, and warns without the key", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const logs = yield* capturedLogs
      const { authenticate } = yield* ApiKeys
      const { key, team, token } = yield* newKey()
      yield* sql.unsafe(
        `CREATE RULE never AS ON UPDATE TO tbg_api.api_keys WHERE old.id = '${key.id}' DO INSTEAD SELECT 1 / 0 AS nothing`
      )
      const { keyId } = yield* Effect.provide(authenticate(token), logs.layer)
      assert.strictEqual(keyId, key.id)
      yield* Effect.suspend(() => (logs.warnings().length > 0 ? Effect.void : Effect.fail("no warning yet"))).pipe(
        Effect.retry({ schedule: Schedule.spaced("5 millis"), times: 400 }),
        TestClock.withLive
      )
      yield* sql.unsafe("DROP RULE never ON tbg_api.api_keys")
      assert.deepStrictEqual((yield* keyOnce(team.id, () => true)).lastUsedAt, null)
      assert.deepStrictEqual(logs.warnings(), ["could not update last_used_at of an API key"])
      assert.notInclude(JSON.stringify(logs.entries), token.slice(37))
    })
  )

  it.effect("stores neither a key nor anything that reveals one", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { token } = yield* newKey()
      const rows = JSON.stringify(yield* sql`SELECT k::text AS row FROM tbg_api.api_keys k`)
      const hex = Buffer.from(token.slice(37)).toString("hex")
      assert.notInclude(rows, token.slice(37))
      assert.notInclude(rows, hex)
    })
  )
})
