import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Schedule } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { SqlClient } from "effect/sql"
import type { Database } from "../../src/layers/Database.ts"
import { expositionOf, valuesOf } from "../support/Exposition.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"

/** Runs `effect` over a fresh database with a separate metric registry. */
const onFreshDatabase = <A, E>(
  effect: Effect.Effect<A, E, Database | SqlClient.SqlClient>,
  variables?: Record<string, string>
) =>
  Effect.gen(function* () {
    const { url } = yield* freshDatabase
    return yield* Effect.provide(effect, databaseAt(Redacted.value(url), variables))
  }).pipe(Effect.timeout("30 seconds"), freshRegistry)

const scrape = PrometheusMetrics.format()

const pool = Effect.map(scrape, (text) =>
  ["max", "size", "active", "idle", "waiting"].map((part) => valuesOf(text, `tbg_db_pool_${part}`)[0])
)

const poolIs = (wanted: string) =>
  Effect.repeat(pool, { until: (figures) => figures.join() === wanted, schedule: Schedule.spaced("5 millis") })

describe("the database metrics", () => {
  it.live("report the state of the pool", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* pool, [1, 0, 0, 0, 0])
        const holder = yield* Effect.forkChild(sql.withTransaction(sql`SELECT pg_sleep(30)`))
        yield* poolIs("1,1,1,0,0")
        const waiting = yield* Effect.forkChild(sql.withTransaction(sql`SELECT 1`))
        yield* poolIs("1,1,1,0,1")
        yield* Fiber.interrupt(waiting)
        yield* Fiber.interrupt(holder)
        yield* poolIs("1,1,0,1,0")
      }),
      {
        TBG_DATABASE_POOL_MAX: "1",
        TBG_DATABASE_STATEMENT_TIMEOUT_MS: "60000",
        TBG_DATABASE_ACQUIRE_TIMEOUT_MS: "20000"
      }
    )
  )

  it.live("count each wait for a session, including waits that timed out", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const holder = yield* Effect.forkChild(sql.withTransaction(sql`SELECT pg_sleep(30)`))
        yield* poolIs("1,1,1,0,0")
        yield* Effect.flip(sql.withTransaction(sql`SELECT 1`))
        const text = yield* scrape
        assert.deepStrictEqual(valuesOf(text, "tbg_db_pool_acquire_seconds_count"), [2])
        assert.deepStrictEqual(valuesOf(text, "tbg_db_pool_acquire_seconds_bucket", { le: "0.25" }), [1])
        yield* Fiber.interrupt(holder)
      }),
      { TBG_DATABASE_POOL_MAX: "1", TBG_DATABASE_ACQUIRE_TIMEOUT_MS: "300" }
    )
  )

  it.live("time statements by outcome, without their text", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`SELECT ${"canary"}::text`
        yield* Effect.flip(sql`SELECT canary FROM canary`)
        yield* Effect.timeoutOption(sql`SELECT pg_sleep(30)`, "100 millis")
        const text = yield* scrape
        const counted = (outcome: string) => valuesOf(text, "tbg_db_query_duration_seconds_count", { outcome })
        assert.deepStrictEqual(["ok", "error", "interrupted"].flatMap(counted), [1, 1, 1])
        assert.notInclude(text, "canary")
      })
    )
  )

  it.live("remove the gauges of a closed pool, and keep the counters", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      yield* Effect.provide(pool, databaseAt(Redacted.value(url)))
      assert.deepStrictEqual([...expositionOf(yield* scrape).keys()], ["tbg_db_sessions_lost_total"])
      yield* Effect.provide(Effect.map(scrape, expositionOf), databaseAt(Redacted.value(url)))
    }).pipe(freshRegistry)
  )
})
