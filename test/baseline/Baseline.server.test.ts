import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { baseline } from "../../src/baseline/Baseline.ts"
import { BaselinePolicy } from "../../src/baseline/BaselinePolicy.ts"
import { catalogSnapshot, liveCatalog } from "../../src/baseline/Catalog.ts"
import { differencesOf } from "../../src/baseline/Expectations.ts"
import { existingDatabase, runAll } from "../support/Catalog.ts"
import { catalogOfDatabase, comparable } from "../support/CatalogOfDatabase.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { fingerprint, tableNames } from "../support/Fingerprint.ts"
import { onFreshDatabase, run } from "../support/TestMigrations.ts"

/** The migration as the Migrator runs it. */
const step = (policy: "verify" | "strict" | "create", environment: "development" | "production") =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(Effect.provideService(baseline, BaselinePolicy, { environment, policy }))
  )

describe("the baseline on an empty database", () => {
  it.effect.each([
    ["development", "verify"],
    ["production", "create"]
  ] as const)("creates exactly the catalog of the init script in %s with %s", ([environment, policy]) =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* step(policy, environment)
        assert.deepStrictEqual(yield* catalogOfDatabase, comparable(plainCatalog))
        assert.deepStrictEqual(differencesOf(yield* catalogSnapshot), [])
      })
    )
  )

  it.effect("writes no row", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* step("verify", "development")
        const { rows } = yield* fingerprint
        assert.deepStrictEqual(
          rows.map((row) => row["count"]),
          [0, 0, 0, 0, 0, 0, 0, 0]
        )
      })
    )
  )

  it.effect("creates nothing if the environment is not known", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const error = yield* Effect.flip(baseline)
        assert.strictEqual(error._tag, "BaselineRefused")
        assert.deepStrictEqual(yield* tableNames, [])
      })
    )
  )

  it.effect("leaves an existing table unchanged, even if parts of it are missing", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* run(
          "CREATE TABLE schema_migrations (version int, name varchar(255), applied_at timestamptz, checksum varchar(64))"
        )
        yield* run("INSERT INTO schema_migrations (version) VALUES (7)")
        const before = yield* fingerprint
        yield* step("verify", "development")
        const after = yield* fingerprint
        assert.deepInclude(after.rows, before.rows[0])
        assert.deepInclude(after.catalog, before.catalog[0])
        assert.strictEqual((yield* tableNames).length, 8)
      })
    )
  )
})

describe("the live catalog", () => {
  it.effect("is found along the search path", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const found = yield* Effect.flatMap(SqlClient.SqlClient, (sql) =>
          sql.withTransaction(
            Effect.andThen(runAll(["CREATE SCHEMA app", "SET LOCAL search_path = app, public"]), liveCatalog)
          )
        )
        assert.deepStrictEqual(differencesOf(found), [])
      })
    )
  )

  it.effect("ignores a table of the same name in another schema", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* runAll(["CREATE SCHEMA other", "CREATE TABLE other.users (id int)"])
        assert.deepStrictEqual((yield* catalogSnapshot).tables, {})
      })
    )
  )

  it.effect("leaves out invalid indexes", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_blocks_user'::regclass")
        assert.deepStrictEqual(
          differencesOf(yield* catalogSnapshot).map(({ object }) => object),
          ["index idx_blocks_user on blocks"]
        )
      })
    )
  )
})
