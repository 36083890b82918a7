import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Latch, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { IsShortRead } from "../../src/domain/Dependency.ts"
import { Database } from "../../src/layers/Database.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"

const shortRead = Effect.provideService(IsShortRead, true)

/** Runs `effect` on a fresh database, which `outside` queries on separate sessions. */
const onFreshDatabase = <A, E>(
  poolMax: string,
  effect: (
    sql: SqlClient.SqlClient,
    outside: SqlClient.SqlClient
  ) => Effect.Effect<A, E, Database | SqlClient.SqlClient>
) =>
  Effect.gen(function* () {
    const { url } = yield* freshDatabase
    const outside = Context.get(yield* Layer.build(testClient(url)), SqlClient.SqlClient)
    const variables = { TBG_DATABASE_POOL_MAX: poolMax, TBG_DATABASE_STATEMENT_TIMEOUT_MS: "30000" }
    return yield* Effect.flatMap(SqlClient.SqlClient, (sql) => effect(sql, outside)).pipe(
      Effect.provide(databaseAt(Redacted.value(url), variables))
    )
  }).pipe(Effect.scoped, Effect.timeout("30 seconds"))

const figures = Effect.flatMap(Database, (database) => database.figures)
const until = (isReached: (figures: { readonly active: number; readonly waiting: number }) => boolean) =>
  Effect.repeat(figures, { until: isReached, schedule: Schedule.spaced("5 millis") })

/** Opens a transaction that lasts until `release`. */
const held = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, release: Effect.Effect<void>) {
  const isOpen = yield* Latch.make(false)
  const transaction = sql.withTransaction(sql`SELECT 1`.pipe(Effect.andThen(isOpen.open), Effect.andThen(release)))
  const fiber = yield* Effect.forkChild(transaction)
  yield* Effect.raceFirst(isOpen.await, Fiber.join(fiber))
})

describe("database sessions", () => {
  it.live("run one statement at a time, except short reads", () =>
    onFreshDatabase("8", (sql) =>
      Effect.gen(function* () {
        const statements = Array.from({ length: 6 }, () => sql`SELECT pg_sleep(60)`)
        const slow = yield* Effect.forkChild(Effect.all(statements, { concurrency: "unbounded" }))
        assert.strictEqual((yield* until(({ active }) => active === 6)).active, 6)
        yield* Fiber.interrupt(slow)
      })
    )
  )

  it.live("are shared evenly by short reads once these use half of the pool", () =>
    onFreshDatabase("8", (sql) =>
      Effect.gen(function* () {
        const pid = shortRead(sql<{ pid: number }>`SELECT pg_backend_pid() AS pid FROM pg_sleep(0.05)`)
        const sharesOf = Effect.fnUntraced(function* (reads: number) {
          const rows = yield* Effect.all(
            Array.from({ length: reads }, () => pid),
            { concurrency: "unbounded" }
          )
          const pids = rows.map(([row]) => row?.pid)
          return [...new Set(pids)].map((one) => pids.filter((pid) => pid === one).length)
        })
        // Opens the sessions first, because concurrent reads would have none to share.
        yield* sharesOf(4)
        assert.deepStrictEqual(yield* sharesOf(3), [1, 1, 1])
        assert.deepStrictEqual(yield* sharesOf(12), [3, 3, 3, 3])
      })
    )
  )

  it.live("run short reads while every other session is in use", () =>
    onFreshDatabase("4", (sql) =>
      Effect.gen(function* () {
        const release = yield* Latch.make(false)
        yield* Effect.all(Array.from({ length: 3 }, () => held(sql, release.await)))
        const waiting = yield* Effect.forkChild(sql`SELECT 'a write' AS word`)
        yield* until((now) => now.waiting === 1)
        assert.deepStrictEqual(yield* shortRead(sql`SELECT 'a read' AS word`), [{ word: "a read" }])
        assert.isUndefined(waiting.pollUnsafe())
        yield* release.open
        assert.deepStrictEqual(yield* Fiber.join(waiting), [{ word: "a write" }])
      })
    )
  )

  it.live("of a transaction also run its short reads", () =>
    onFreshDatabase("4", (sql) =>
      Effect.gen(function* () {
        const word = shortRead(sql`SELECT current_setting('tbg.word', true) AS word`)
        const set = sql`SELECT set_config('tbg.word', 'inside', true)`
        assert.deepStrictEqual(yield* sql.withTransaction(Effect.andThen(set, word)), [{ word: "inside" }])
      })
    )
  )

  it.live("cancel a statement on the server when its caller is interrupted", () =>
    onFreshDatabase("4", (sql, outside) =>
      Effect.gen(function* () {
        const running = outside`SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep%'`
        const countIs = (count: number) =>
          Effect.repeat(running, { until: (rows) => rows.length === count, schedule: Schedule.spaced("10 millis") })
        const slow = yield* Effect.forkChild(sql`SELECT pg_sleep(20)`)
        yield* countIs(1)
        yield* Fiber.interrupt(slow)
        assert.lengthOf(yield* countIs(0), 0)
      })
    )
  )
})
