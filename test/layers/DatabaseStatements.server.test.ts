import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"

/** Runs `effect` with the layer's client over a fresh database. */
const withClient = <A, E>(effect: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const { url } = yield* freshDatabase
    return yield* Effect.flatMap(SqlClient.SqlClient, effect).pipe(Effect.provide(databaseAt(Redacted.value(url))))
  })

describe("the database client", () => {
  it.live("returns rows by column name and by position", () =>
    withClient((sql) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* sql`SELECT 1 AS one, 'two' AS two`, [{ one: 1, two: "two" }])
        assert.deepStrictEqual(yield* sql`SELECT 1 AS one, 'two' AS two`.values, [[1, "two"]])
        assert.deepStrictEqual(yield* sql`SELECT 1 AS one`.unprepared, [{ one: 1 }])
      })
    )
  )

  it.live("returns the server's result of a statement", () =>
    withClient((sql) =>
      Effect.gen(function* () {
        const raw = yield* sql`SELECT generate_series(1, 3)`.raw
        assert.propertyVal(raw, "rowCount", 3)
      })
    )
  )

  it.live("streams more rows than one message holds", () =>
    withClient((sql) =>
      Effect.gen(function* () {
        const rows = yield* Stream.runCount(sql`SELECT generate_series(1, 5000)`.stream)
        assert.strictEqual(rows, 5000)
      })
    )
  )

  it.live("answers many fibers concurrently over few sessions", () =>
    withClient((sql) =>
      Effect.gen(function* () {
        const answers = yield* Effect.forEach(
          Array.from({ length: 500 }, (_, index) => index),
          (index) => Effect.map(sql<{ at: number }>`SELECT ${index}::int AS at`, ([row]) => row?.at),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(
          answers,
          Array.from({ length: 500 }, (_, index) => index)
        )
      })
    )
  )
})
