import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Redacted } from "effect"
import { get, getUntil } from "../support/Http.ts"
import { testClient } from "../support/TestDatabase.ts"
import { testProcess } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

/** A service on its own Postgres and Redis, which the test may freeze. */
const serviceOnItsOwn = Effect.fnUntraced(function* (variables: Record<string, string> = {}) {
  const postgres = yield* throwawayPostgres
  const redis = yield* throwawayRedis()
  const service = yield* testProcess({
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: postgres.url,
    TBG_REDIS_URL: redis.url,
    ...variables
  })
  return { postgres, redis, service }
})

/** Deadline of contract section 2, with a margin for two busy cores. */
const deadlineMs = 1000 + 250

describe("a frozen dependency", () => {
  it.live("is reported by /ready as a timeout of Postgres, not by /health, and recovers by itself", () =>
    Effect.gen(function* () {
      const { postgres, service } = yield* serviceOnItsOwn()
      yield* getUntil(`${service.url}/ready`, 200)
      yield* postgres.signal("SIGSTOP")
      for (const _ of [1, 2, 3]) {
        const ready = yield* get(`${service.url}/ready`)
        assert.strictEqual(ready.status, 503)
        assert.nestedPropertyVal(ready.body, "checks.database", "error: timeout")
        assert.isBelow(ready.elapsedMs, deadlineMs)
      }
      const [, alive] = yield* Effect.all(
        [get(`${service.url}/ready`), Effect.all(Array.from({ length: 21 }, () => get(`${service.url}/health`)))],
        { concurrency: 2 }
      )
      assert.isTrue(alive.every(({ status }) => status === 200))
      // The median, because a busy core may delay one response.
      const elapsed = alive.map(({ elapsedMs }) => elapsedMs).toSorted((one, other) => one - other)
      assert.isBelow(elapsed[10] ?? Number.NaN, 50)
      const database = yield* get(`${service.url}/health/db`)
      assert.strictEqual(database.status, 503)
      yield* postgres.signal("SIGCONT")
      yield* getUntil(`${service.url}/ready`, 200)
    })
  )

  it.live("is reported by /ready as a timeout of Redis with 200, and recovers by itself", () =>
    Effect.gen(function* () {
      const { redis, service } = yield* serviceOnItsOwn()
      yield* getUntil(`${service.url}/ready`, 200)
      yield* redis.signal("SIGSTOP")
      const ready = yield* get(`${service.url}/ready`)
      assert.strictEqual(ready.status, 200)
      assert.deepStrictEqual(ready.body, {
        status: "degraded",
        checks: { database: "ok", redis: "error: timeout" }
      })
      assert.isBelow(ready.elapsedMs, deadlineMs)
      yield* redis.signal("SIGCONT")
      const thawed = yield* Effect.repeat(get(`${service.url}/ready`), {
        until: ({ body }) => JSON.stringify(body).includes('"status":"ready"')
      })
      assert.strictEqual(thawed.status, 200)
    })
  )
})

describe("shutdown", () => {
  it.live("does not wait for a frozen server", () =>
    Effect.gen(function* () {
      const { postgres, service } = yield* serviceOnItsOwn()
      yield* getUntil(`${service.url}/ready`, 200)
      yield* postgres.signal("SIGSTOP")
      yield* get(`${service.url}/ready`)
      yield* service.signal("SIGTERM")
      assert.deepStrictEqual(yield* Effect.timeout(service.exit, "10 seconds"), { code: 0, signal: null })
    })
  )
})

describe("a flood of 1,000 probes", () => {
  it.live("costs Postgres only a few queries", () =>
    Effect.gen(function* () {
      const { postgres, service } = yield* serviceOnItsOwn()
      const commits = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        // Backends report their statistics when idle for a while, or on request.
        yield* sql`SELECT pg_stat_force_next_flush()`
        const [row] = yield* sql<{ calls: bigint }>`SELECT xact_commit AS calls FROM pg_stat_database
          WHERE datname = current_database()`
        return Number(row?.calls ?? 0)
      }).pipe(Effect.provide(testClient(Redacted.make(postgres.url))))
      yield* getUntil(`${service.url}/ready`, 200)
      const before = yield* commits
      const answers = yield* Effect.all(
        Array.from({ length: 1000 }, () => get(`${service.url}/ready`)),
        { concurrency: "unbounded" }
      )
      assert.isTrue(answers.every((answer) => answer.status === 200))
      assert.isBelow((yield* commits) - before, 100)
    })
  )
})
