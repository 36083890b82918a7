import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import { SqlClient } from "effect/sql"
import { freshDatabase, testClient, withRollback } from "./TestDatabase.ts"

const inFreshDatabase = <A, E>(test: Effect.Effect<A, E, SqlClient.SqlClient | Scope.Scope>) =>
  Effect.flatMap(freshDatabase, ({ url }) => Effect.provide(test, testClient(url)))

const notes = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ text: string }>`SELECT text FROM notes ORDER BY text`)
const written = (text: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO notes (text) VALUES (${text})`)
const table = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE notes (text text NOT NULL)`)

describe("freshDatabase", () => {
  it.effect("gives each test a database of its own", () =>
    Effect.gen(function* () {
      const [one, other] = yield* Effect.all([freshDatabase, freshDatabase], { concurrency: 2 })
      yield* Effect.provide(table, testClient(one.url))
      const failure = yield* Effect.flip(Effect.provide(notes, testClient(other.url)))
      assert.strictEqual(failure._tag, "SqlError")
    })
  )

  it.effect("drops the database at the end of the scope, even under a client that is still connected", () =>
    inFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const outer = yield* Effect.scope
        const name = yield* Effect.scoped(
          Effect.gen(function* () {
            const { name, url } = yield* freshDatabase
            const connected = yield* Layer.buildWithScope(testClient(url), outer)
            yield* Effect.provide(table, connected)
            return name
          })
        )
        assert.deepStrictEqual(yield* sql`SELECT datname FROM pg_database WHERE datname = ${name}`, [])
      })
    )
  )
})

describe("withRollback", () => {
  it.effect("shows the test its own writes and leaves none of them behind", () =>
    inFreshDatabase(
      Effect.gen(function* () {
        yield* table
        const seen = yield* withRollback(Effect.andThen(written("inside"), notes))
        assert.deepStrictEqual(seen, [{ text: "inside" }])
        assert.deepStrictEqual(yield* notes, [])
      })
    )
  )

  it.effect("rolls back what the test's own transaction committed", () =>
    inFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* table
        yield* withRollback(sql.withTransaction(written("inside")))
        assert.deepStrictEqual(yield* notes, [])
      })
    )
  )

  it.effect("passes the test's failure on, and rolls back then too", () =>
    inFreshDatabase(
      Effect.gen(function* () {
        yield* table
        const failure = yield* Effect.flip(withRollback(Effect.andThen(written("inside"), Effect.fail("expected"))))
        assert.strictEqual(failure, "expected")
        assert.deepStrictEqual(yield* notes, [])
      })
    )
  )
})
