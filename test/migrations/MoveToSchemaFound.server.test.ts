import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ownTables } from "../../src/baseline/OwnTables.ts"
import type { Refusal } from "../../src/layers/migrations/Refusal.ts"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { ownTableNames, tableNames } from "../support/Fingerprint.ts"
import { previousLayout, previousLayoutIn, laterMigrations } from "../support/PreviousLayout.ts"
import { migrationsFolder } from "../support/OwnMigrations.ts"
import { migrationsWith, namesOf, onFreshDatabase, run } from "../support/TestMigrations.ts"
import { replacedService } from "../support/ReplacedService.ts"

const own = migrationsWith({ folder: migrationsFolder })

/** Message of a refusal without quotes, because a database may quote all identifiers by default. */
const refusalOf = <A, R>(refused: Effect.Effect<A, Refusal, R>) =>
  Effect.map(Effect.flip(refused), (error) => error.message.replaceAll('"', ""))

/** The rows of the replaced service's `api_keys`. */
const keysOfOthers = Effect.map(run("SELECT ctid::text, k::text FROM public.api_keys k ORDER BY ctid"), (rows) => ({
  rows
}))

describe("0004_move_to_schema", () => {
  it.effect("keeps tables of others with our names if the previous version could not create its own", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* replacedService
        yield* run(`CREATE TABLE tbg_api_migrations (
          migration_id integer PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(), name text NOT NULL)`)
        yield* run("INSERT INTO tbg_api_migrations (migration_id, name) VALUES (1, 'baseline')")
        const { rows } = yield* keysOfOthers
        assert.deepStrictEqual(namesOf(yield* (yield* own).up).slice(-1), (yield* laterMigrations).slice(-1))
        assert.deepStrictEqual((yield* keysOfOthers).rows, rows)
        assert.include(yield* ownTableNames, "migrations")
        assert.notInclude(yield* tableNames, "tbg_api_migrations")
      })
    )
  )

  it.effect("refuses a table that the previous version did not create, and changes nothing", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* previousLayout
        yield* run("ALTER TABLE api_keys DROP COLUMN hash")
        const tables = yield* tableNames
        const message = yield* refusalOf((yield* own).up)
        assert.match(message, /the table public\.api_keys is not the one that this service created: it lacks hash$/)
        assert.deepStrictEqual(yield* tableNames, tables)
      })
    )
  )

  it.effect("finds tables that a role with another search path created", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* run(`CREATE SCHEMA "Elsewhere"`)
        yield* previousLayoutIn(`"Elsewhere"`)
        assert.deepStrictEqual(namesOf(yield* (yield* own).up), yield* laterMigrations)
        assert.sameMembers(yield* ownTableNames, ["migrations", ...Object.keys(ownTables)])
      })
    )
  )

  it.effect("refuses to choose between two ledgers outside the search path", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* run("CREATE SCHEMA a")
        yield* run("CREATE SCHEMA b")
        yield* previousLayoutIn("a")
        yield* previousLayoutIn("b")
        const message = yield* refusalOf((yield* own).up)
        assert.match(message, /^migrations: both a\.tbg_api_migrations and b\.tbg_api_migrations may be the ledger; /)
      })
    )
  )

  it.effect("is not rolled back before it was applied", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* previousLayout
        const message = yield* refusalOf((yield* own).namesAbove("previous"))
        assert.include(message, "keeps the ledger public.tbg_api_migrations; run tbg migrate up first")
      })
    )
  )
})
