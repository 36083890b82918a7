import { assert, describe, it } from "@effect/vitest"
import { Effect, Latch, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { IsShortRead } from "../../src/domain/Dependency.ts"
import { Database } from "../../src/layers/Database.ts"
import { faultOfSqlError } from "../../src/layers/database/Fault.ts"
import { withMigrationLock } from "../../src/layers/migrations/Lock.ts"
import { pgbouncer, pooled } from "../support/Pgbouncer.ts"
import { tcpProxy } from "../support/TcpProxy.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt, probe } from "../support/TestDatabaseLayer.ts"

/** Runs `effect` over a database behind a proxy that can drop the state of existing connections. */
const behindProxy = <A, E>(
  effect: (forget: Effect.Effect<void>) => Effect.Effect<A, E, Database | SqlClient.SqlClient>,
  variables: Record<string, string> = {}
) =>
  Effect.gen(function* () {
    const url = new URL(Redacted.value((yield* freshDatabase).url))
    const proxy = yield* tcpProxy(Number(url.port))
    url.hostname = "127.0.0.1"
    url.port = String(proxy.port)
    return yield* Effect.provide(effect(proxy.halfOpen), databaseAt(url.href, variables))
  }).pipe(Effect.scoped, Effect.timeout("30 seconds"))

const one = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`)
const figures = Effect.flatMap(Database, (database) => database.figures)

/** Opens this many sessions, by transactions that wait for each other. */
const openSessions = Effect.fnUntraced(function* (count: number) {
  const sql = yield* SqlClient.SqlClient
  const all = yield* Latch.make(false)
  let arrived = 0
  const arrive = Effect.suspend(() => {
    arrived += 1
    return arrived === count ? all.open : all.await
  })
  const each = sql.withTransaction(Effect.andThen(sql`SELECT 1`, arrive))
  yield* Effect.all(
    Array.from({ length: count }, () => each),
    { concurrency: "unbounded" }
  )
})

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const begun = performance.now()
    return Effect.map(effect, (value) => ({ value, elapsedMs: performance.now() - begun }))
  })
const failed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(timed(Effect.flip(effect)), ({ elapsedMs, value }) => ({ elapsedMs, error: value }))

const noSession = Effect.repeat(figures, {
  until: ({ total }) => total === 0,
  schedule: Schedule.spaced("20 millis")
}).pipe(Effect.timeout("6 seconds"))

/** With these settings, a session is closed after a statement has been unanswered for three seconds. */
const oneSecond = { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "1000" }

describe.concurrent("a half-open session", () => {
  it.live("is closed with all idle sessions if a statement gets no answer", () =>
    behindProxy(
      (forget) =>
        Effect.gen(function* () {
          yield* openSessions(3)
          yield* probe
          assert.strictEqual((yield* figures).total, 3)
          yield* forget
          const { elapsedMs, error } = yield* failed(one)
          assert.strictEqual(faultOfSqlError(error), "unreachable")
          assert.isAtLeast(elapsedMs, 3000)
          assert.isBelow(elapsedMs, 5000)
          yield* noSession
          assert.isBelow((yield* timed(one)).elapsedMs, 1000)
          yield* probe
        }),
      oneSecond
    )
  )

  it.live("is closed during a transaction", () =>
    behindProxy(
      (forget) =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const faults: Array<string> = []
          const statement = Effect.tapError(sql`SELECT 2`, (error) =>
            Effect.succeed(faults.push(faultOfSqlError(error)))
          )
          const { elapsedMs, value } = yield* timed(
            Effect.exit(sql.withTransaction(Effect.andThen(sql`SELECT 1`, Effect.andThen(forget, statement))))
          )
          assert.strictEqual(value._tag, "Failure")
          assert.deepStrictEqual(faults, ["unreachable"])
          assert.isBelow(elapsedMs, 5000)
        }),
      oneSecond
    )
  )

  it.live.each([
    { what: "short reads", isShort: true },
    { what: "one caller", isShort: false }
  ])("is closed even if no caller waits for its answer: $what", ({ isShort }) =>
    behindProxy(
      (forget) =>
        Effect.gen(function* () {
          const asked = Effect.provideService(one, IsShortRead, isShort)
          yield* asked
          yield* forget
          yield* Effect.forkDetach(Effect.timeoutOption(asked, "100 millis"))
          yield* noSession
          yield* asked
        }),
      oneSecond
    )
  )

  it.live("answers a probe on the second attempt", () =>
    behindProxy((forget) =>
      Effect.gen(function* () {
        yield* probe
        yield* forget
        assert.isBelow((yield* timed(probe)).elapsedMs, 3000)
      })
    )
  )
})

describe.concurrent("a session with a long statement", () => {
  it.live("stays open until the statement timeout, and then answers the other reads that share it", () =>
    behindProxy(
      () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const shared = Effect.provideService(sql`SELECT pg_sleep(2), 'done' AS word`, IsShortRead, true)
          // Together, the statements take longer than the limit of one.
          const rows = yield* Effect.all([shared, shared, shared, shared], { concurrency: "unbounded" })
          assert.lengthOf(rows, 4)
        }),
      { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "2500", TBG_DATABASE_POOL_MAX: "2" }
    )
  )

  it.live("stays open for a migration of any length", () =>
    behindProxy(
      () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const rows = yield* withMigrationLock(sql`SELECT pg_sleep(4), 'done' AS word`, 1)
          assert.propertyVal(rows[0], "word", "done")
        }),
      { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "200" }
    )
  )

  it.live("stays open for a migration behind PgBouncer", (context) =>
    Effect.gen(function* () {
      context.skip(pgbouncer.isMissing, pgbouncer.reason)
      const { url } = yield* freshDatabase
      const migration = Effect.flatMap(SqlClient.SqlClient, (sql) =>
        withMigrationLock(sql`SELECT pg_sleep(4), 'done' AS word`, 1)
      )
      const variables = { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "200", TBG_DATABASE_STATEMENT_CACHE: "false" }
      const rows = yield* Effect.provide(migration, databaseAt(yield* pooled(Redacted.value(url), 2), variables))
      assert.propertyVal(rows[0], "word", "done")
    }).pipe(Effect.scoped)
  )
})
