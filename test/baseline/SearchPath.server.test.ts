import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { catalogStatements, existingDatabase, runAll } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { migrationsWith, run } from "../support/TestMigrations.ts"

/** Runs `asked` on a database created by `made`, with `app` first in the search path or with another path. */
const beside = <A, E, R>(
  made: Effect.Effect<unknown, SqlError, SqlClient.SqlClient>,
  asked: Effect.Effect<A, E, R>,
  path?: string
) =>
  Effect.gen(function* () {
    const { url } = yield* freshDatabase
    yield* Effect.provide(Effect.andThen(made, run("CREATE SCHEMA IF NOT EXISTS app")), testClient(url))
    const app = PgClient.layer({ url, startupParameters: { search_path: path ?? "app, public" } })
    return yield* Effect.provide(asked, app)
  })

const schemasOf = (table: string) =>
  run(`SELECT n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = '${table}'`)

describe("a repair by a role whose search path starts with another schema", () => {
  it.effect("creates a missing table in the schema of the other tables", () =>
    beside(
      Effect.andThen(existingDatabase(plainCatalog), run("DROP TABLE rate_limit_events, schema_migrations")),
      Effect.gen(function* () {
        const { drift, lacking, repair } = yield* migrationsWith()
        const { manual, statements } = yield* lacking
        assert.deepStrictEqual(manual, [])
        assert.match(statements[0]?.sql ?? "", /^CREATE TABLE public\.schema_migrations \(/)
        yield* repair(statements)
        assert.strictEqual(yield* drift, "none")
        assert.deepStrictEqual(yield* schemasOf("rate_limit_events"), [{ schema: "public" }])
        assert.deepStrictEqual(yield* schemasOf("idx_ratelimit_ip"), [{ schema: "public" }])
      })
    )
  )

  it.effect("creates an index, but not a missing table if the tables are in several schemas", () =>
    beside(
      runAll([
        ...catalogStatements(plainCatalog),
        "CREATE SCHEMA app",
        "ALTER TABLE shares SET SCHEMA app",
        "DROP TABLE rate_limit_events",
        "DROP INDEX app.idx_shares_valid"
      ]),
      Effect.gen(function* () {
        const { lacking, repair } = yield* migrationsWith()
        const { manual, statements } = yield* lacking
        assert.deepStrictEqual(
          manual.map(({ object }) => object),
          ["table rate_limit_events"]
        )
        yield* repair(statements)
        assert.deepStrictEqual(yield* schemasOf("idx_shares_valid"), [{ schema: "app" }])
      })
    )
  )
})

describe("the baseline in public", () => {
  it.effect.each(["''", "app", "pg_catalog", "tbg_api", "app, tbg_api, pg_catalog, public"])(
    "is found by a session with the search path %s, and missing tables are created there",
    (path) =>
      beside(
        Effect.andThen(existingDatabase(plainCatalog), run("DROP TABLE rate_limit_events")),
        Effect.gen(function* () {
          const { drift, lacking, repair, up } = yield* migrationsWith()
          yield* up
          yield* repair((yield* lacking).statements)
          assert.strictEqual(yield* drift, "none")
          assert.deepStrictEqual(yield* schemasOf("rate_limit_events"), [{ schema: "public" }])
          assert.deepStrictEqual(yield* schemasOf("migrations"), [{ schema: "tbg_api" }])
        }),
        path
      )
  )
})

describe("a table of the same name in a schema earlier in the search path", () => {
  it.effect("is the one that is compared, because queries would use it", () =>
    beside(
      Effect.andThen(existingDatabase(plainCatalog), runAll(["CREATE SCHEMA app", "CREATE TABLE app.users (id int)"])),
      Effect.gen(function* () {
        const { up } = yield* migrationsWith()
        const error = yield* Effect.flip(up)
        assert.strictEqual(error._tag, "BaselineRefused")
        assert.include(error.message, "column users.btc_address is missing")
      })
    )
  )
})
