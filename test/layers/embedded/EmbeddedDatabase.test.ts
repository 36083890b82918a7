import { PgClient } from "@effect/sql-pg"
import { assert, describe, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber, Queue, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { openClient } from "../../support/EmbeddedFolder.ts"

const Memory = PgClient.layerFrom(openClient(undefined))
const Multiplexed = PgClient.layerFrom(openClient(undefined, true))

const numbers = Array.from({ length: 200 }, (_, index) => index)

describe("the embedded database in memory", () => {
  layer(Memory)((it) => {
    it.effect("answers a query with parameters", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`SELECT ${1}::int AS a, ${"x"}::text AS b`, [{ a: 1, b: "x" }])
      })
    )

    it.effect("stores its time in UTC", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`SHOW timezone`, [{ TimeZone: "UTC" }])
      })
    )

    it.effect("names a violated constraint, and continues", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE named (id int CONSTRAINT named_once UNIQUE)`
        yield* sql`INSERT INTO named VALUES (1)`
        const error = yield* Effect.flip(sql`INSERT INTO named VALUES (1)`)
        assert.propertyVal(error.reason, "_tag", "UniqueViolation")
        assert.propertyVal(error.reason, "constraint", "named_once")
        assert.deepStrictEqual(yield* sql`SELECT 1 AS a`, [{ a: 1 }])
      })
    )

    it.effect("rolls back a savepoint and keeps the surrounding transaction", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE nested (id int)`
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`INSERT INTO nested VALUES (1)`
            yield* Effect.ignore(
              sql.withTransaction(Effect.andThen(sql`INSERT INTO nested VALUES (2)`, Effect.fail("no")))
            )
            yield* sql`INSERT INTO nested VALUES (3)`
          })
        )
        assert.deepStrictEqual(yield* sql`SELECT id FROM nested ORDER BY id`, [{ id: 1 }, { id: 3 }])
      })
    )

    it.effect("keeps other fibers out of an open transaction", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE walled (id int)`
        const inside = yield* Deferred.make<void>()
        const proceed = yield* Deferred.make<void>()
        const holder = yield* Effect.forkChild(
          sql.withTransaction(
            Effect.gen(function* () {
              yield* sql`INSERT INTO walled VALUES (1)`
              yield* Deferred.succeed(inside, undefined)
              yield* Deferred.await(proceed)
              yield* Effect.forEach(numbers, (n) => sql`SELECT ${n}::int`)
              return yield* Effect.fail("no")
            })
          )
        )
        yield* Deferred.await(inside)
        const other = yield* Effect.forkChild(sql`INSERT INTO walled VALUES (2) RETURNING id`, {
          startImmediately: true
        })
        yield* Deferred.succeed(proceed, undefined)
        yield* Effect.exit(Fiber.join(holder))
        assert.deepStrictEqual(yield* Fiber.join(other), [{ id: 2 }])
        assert.deepStrictEqual(yield* sql`SELECT id FROM walled`, [{ id: 2 }])
      })
    )

    it.effect("keeps no prepared statements in the session that all connections share", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* Effect.forEach(numbers, (n) => sql`SELECT ${n}::int AS n`, { concurrency: 8 })
        assert.deepStrictEqual(yield* sql`SELECT name FROM pg_prepared_statements`, [])
      })
    )

    it.effect("stores and returns a value of 3 MB", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const text = "0123456789".repeat(300_000)
        const rows = yield* sql`SELECT ${text}::text AS text`
        assert.strictEqual(rows[0]?.["text"], text)
      })
    )

    it.effect("streams more rows than a buffer holds", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const rows = yield* Stream.runCount(sql`SELECT * FROM generate_series(1, 20000)`.stream)
        assert.strictEqual(rows, 20_000)
      })
    )

    it.effect("delivers a notification to the connection that listens", () =>
      Effect.gen(function* () {
        const client = yield* PgClient.PgClient
        const heard = yield* client.listen("news")
        yield* client.notify("news", "A new block")
        assert.strictEqual((yield* Queue.take(heard)).payload, "A new block")
      }).pipe(Effect.scoped)
    )

    it.effect("answers many fibers concurrently, each with its own rows", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const rows = yield* Effect.forEach(numbers, (n) => sql`SELECT ${n}::int AS n`, { concurrency: 32 })
        assert.deepStrictEqual(
          rows.flat(),
          numbers.map((n) => ({ n }))
        )
      })
    )
  })

  layer(Multiplexed)("multiplexed", (it) => {
    it.effect("isolates a failed statement from those sent with it", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const answers = yield* Effect.forEach(
          numbers,
          (n) => Effect.result(sql<{ n: number }>`SELECT 10 / ${n % 10}::int AS n`),
          { concurrency: 64 }
        )
        assert.deepStrictEqual(
          answers.map((answer) => answer._tag),
          numbers.map((n) => (n % 10 === 0 ? "Failure" : "Success"))
        )
      })
    )
  })
})
