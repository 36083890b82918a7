import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { pgbouncer, pooled } from "../support/Pgbouncer.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt, probe } from "../support/TestDatabaseLayer.ts"

const withoutCache = { TBG_DATABASE_STATEMENT_CACHE: "false" }
const prepared = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach([1, 2, 3], (number) => sql`SELECT ${number}::int`)
  yield* sql.withTransaction(sql`SELECT 4`)
  // Unprepared, so that this query itself is not counted.
  return yield* sql<{ name: string }>`SELECT statement FROM pg_prepared_statements`.unprepared
})

describe("statements of the database client", () => {
  it.live.each([
    { what: "are prepared", variables: {}, least: 1, most: 100 },
    { what: "are not prepared where TBG_DATABASE_STATEMENT_CACHE is off", variables: withoutCache, least: 0, most: 0 }
  ])("$what", ({ least, most, variables }) =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const database = databaseAt(Redacted.value(url), { TBG_DATABASE_POOL_MAX: "1", ...variables })
      const statements = yield* Effect.provide(prepared, database)
      assert.isAtLeast(statements.length, least)
      assert.isAtMost(statements.length, most, JSON.stringify(statements))
    })
  )
})

describe("PgBouncer in transaction mode", () => {
  it.live("serves statements and transactions of many fibers over two sessions", (context) =>
    Effect.gen(function* () {
      context.skip(pgbouncer.isMissing, pgbouncer.reason)
      const { url } = yield* freshDatabase
      const database = databaseAt(yield* pooled(Redacted.value(url), 2), {
        TBG_DATABASE_POOL_MAX: "8",
        ...withoutCache
      })
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const named = (name: string) =>
          sql.withTransaction(
            Effect.andThen(
              sql`SELECT set_config('tbg.test', ${name}, true)`,
              sql<{ name: string }>`SELECT current_setting('tbg.test') AS name`
            )
          )
        const names = Array.from({ length: 200 }, (_, index) => `name ${index}`)
        const seen = yield* Effect.forEach(
          names,
          (name) =>
            Effect.zipWith(named(name), sql<{ text: string }>`SELECT ${name}::text AS text`, ([inside], [outside]) => [
              inside?.name,
              outside?.text
            ]),
          { concurrency: 40 }
        )
        // Each transaction has read the value that it set.
        assert.deepStrictEqual(
          seen,
          names.map((name) => [name, name])
        )
        yield* probe
      }).pipe(Effect.provide(database))
    })
  )
})
