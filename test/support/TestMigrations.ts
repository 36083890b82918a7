import { fileURLToPath } from "node:url"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Migrations } from "../../src/layers/Migrations.ts"
import type { MigrationsOptions } from "../../src/layers/Migrations.ts"
import { freshDatabase, testClient } from "./TestDatabase.ts"

/** The folder of the repository's own steps. */
export const ownFolder = fileURLToPath(new URL("../../migrations", import.meta.url))

/** A folder of steps under `test/fixtures/migrations`. */
export const fixtureFolder = (name: string) => fileURLToPath(new URL(`../fixtures/migrations/${name}`, import.meta.url))

/** The service as a process has it that has just started: it knows nothing yet. */
export const migrationsWith = (options: Partial<MigrationsOptions> = {}) =>
  Effect.map(
    Layer.build(Migrations.layerFrom({ folder: ownFolder, environment: "production", policy: "verify", ...options })),
    Context.get(Migrations)
  )

/** Runs `effect` with a client of an empty database of its own. */
export const onFreshDatabase = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(freshDatabase, ({ url }) => Effect.provide(effect, testClient(url)))

/** One statement. */
export const run = (statement: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement))

/** The steps that the ledger holds. */
export const records = run("SELECT migration_id AS id, name FROM tbg_api_migrations ORDER BY migration_id")
