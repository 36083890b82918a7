import { fileURLToPath } from "node:url"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Migrations } from "../../src/layers/Migrations.ts"
import type { MigrationsOptions } from "../../src/layers/Migrations.ts"
import type { Ran } from "../../src/layers/migrations/Run.ts"
import { freshDatabase, testClient } from "./TestDatabase.ts"

/** A folder of migrations under `test/fixtures/migrations`. */
export const fixtureFolder = (name: string) => fileURLToPath(new URL(`../fixtures/migrations/${name}`, import.meta.url))

/** The service over the baseline migration only, in the state of a new process. */
export const migrationsWith = (options: Partial<MigrationsOptions> = {}) =>
  Effect.map(
    Layer.build(
      Migrations.layerFrom({
        folder: fixtureFolder("baseline"),
        version: "1.2.3",
        environment: "production",
        policy: "verify",
        ...options
      })
    ),
    Context.get(Migrations)
  )

/** Runs `effect` with a client of a separate empty database. */
export const onFreshDatabase = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(freshDatabase, ({ url }) => Effect.provide(effect, testClient(url)))

/** Names of the migrations that ran. */
export const namesOf = ({ steps }: Ran) => steps.map(({ name }) => name)

/** Runs one statement. */
export const run = (statement: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement))

/** Migrations in the ledger. */
export const records = run("SELECT migration_id AS id, name FROM tbg_api.migrations ORDER BY migration_id")
