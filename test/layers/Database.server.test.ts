import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { Database } from "../../src/layers/Database.ts"
import { faultOfSqlError } from "../../src/layers/database/Fault.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt, probe } from "../support/TestDatabaseLayer.ts"

/** Runs `effect` over a fresh database of the shared server. */
const onFreshDatabase = <A, E>(
  effect: Effect.Effect<A, E, Database | SqlClient.SqlClient>,
  variables?: Record<string, string>
) =>
  Effect.gen(function* () {
    const { url } = yield* freshDatabase
    return yield* Effect.provide(effect, databaseAt(Redacted.value(url), variables))
  })

const figures = Effect.flatMap(Database, (database) => database.figures)

const statement = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`)

/** Holds the pool's session in a transaction while `effect` runs. */
const whileLocked = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const held = yield* Deferred.make<void>()
    const release = yield* Deferred.make<void>()
    const holder = yield* Effect.forkChild(
      sql.withTransaction(
        Effect.andThen(sql`SELECT 1`, Effect.andThen(Deferred.succeed(held, undefined), Deferred.await(release)))
      )
    )
    // A failed holder fails the test instead of blocking it.
    yield* Effect.raceFirst(Deferred.await(held), Fiber.join(holder))
    const result = yield* effect
    yield* Deferred.succeed(release, undefined)
    yield* Fiber.join(holder)
    return result
  })

describe("Database", () => {
  it.live("opens sessions in UTC, with its timeouts and application name", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const rows = yield* sql`SELECT current_setting('timezone') AS timezone,
          current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
          current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('application_name') AS name`
        assert.deepStrictEqual(rows, [
          { timezone: "UTC", statement: "1500ms", lock: "1500ms", idle: "5s", name: "tbg-api" }
        ])
      }),
      { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "1500" }
    )
  )

  it.live("cancels a statement at the statement timeout", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const error = yield* Effect.flip(sql`SELECT pg_sleep(60)`)
        assert.strictEqual(error.reason._tag, "StatementTimeoutError")
      }),
      { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "50" }
    )
  )

  it.live("counts open, busy and idle sessions", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* figures, { max: 3, total: 0, active: 0, idle: 0, waiting: 0 })
        yield* statement
        assert.deepStrictEqual(yield* figures, { max: 3, total: 1, active: 0, idle: 1, waiting: 0 })
        assert.deepStrictEqual(yield* whileLocked(figures), { max: 3, total: 1, active: 1, idle: 0, waiting: 0 })
      }),
      { TBG_DATABASE_POOL_MAX: "3" }
    )
  )

  it.live("counts callers that wait for a session", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* statement
        const waiting = yield* whileLocked(
          Effect.gen(function* () {
            const caller = yield* Effect.forkChild(statement)
            yield* Effect.yieldNow
            const counted = yield* figures
            yield* Fiber.interrupt(caller)
            return counted.waiting
          })
        )
        assert.strictEqual(waiting, 1)
        assert.deepStrictEqual(yield* figures, { max: 1, total: 1, active: 0, idle: 1, waiting: 0 })
      }),
      { TBG_DATABASE_POOL_MAX: "1" }
    )
  )

  it.live("fails if no session becomes free in time", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const error = yield* whileLocked(Effect.flip(statement))
        assert.strictEqual(faultOfSqlError(error), "timeout")
        yield* statement
      }),
      { TBG_DATABASE_POOL_MAX: "1", TBG_DATABASE_ACQUIRE_TIMEOUT_MS: "500" }
    )
  )

  it.live("answers a probe while a slow statement holds the shared session", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const slow = yield* Effect.forkChild(Effect.exit(sql`SELECT pg_sleep(60)`))
        yield* Effect.yieldNow
        yield* probe
        assert.strictEqual(slow.pollUnsafe(), undefined)
      }),
      { TBG_DATABASE_POOL_MAX: "1", TBG_DATABASE_STATEMENT_TIMEOUT_MS: "1000" }
    )
  )

  it.live("opens a session per checkout and keeps none if the pool is off", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const pid = Effect.map(sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`, ([row]) => row?.pid)
        assert.notStrictEqual(yield* pid, yield* pid)
        assert.strictEqual((yield* figures).active, 0)
      }),
      { TBG_DATABASE_POOL: "off" }
    )
  )

  it.live("commits on success and rolls back on failure", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE public.kept (id integer)`
        yield* sql.withTransaction(sql`INSERT INTO public.kept VALUES (1)`)
        yield* Effect.exit(
          sql.withTransaction(Effect.andThen(sql`INSERT INTO public.kept VALUES (2)`, Effect.fail("no")))
        )
        assert.deepStrictEqual(yield* sql`SELECT id FROM public.kept`, [{ id: 1 }])
      })
    )
  )

  it.live("does not report a commit that the server turned into a rollback", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const error = yield* Effect.flip(sql.withTransaction(Effect.exit(sql`SELECT 1 / 0`)))
        assert.strictEqual(error.reason._tag, "UnknownError")
      })
    )
  )

  it.live("answers the first probe after the server has ended every session", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* probe
        yield* Effect.exit(
          sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()`
        )
        yield* probe
      })
    )
  )
})
