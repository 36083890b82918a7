import { Effect } from "effect"
import { readSchema } from "../../src/layers/migrations/SchemaState.ts"
import { migrationsFolder } from "./OwnMigrations.ts"
import { migrationsWith } from "./TestMigrations.ts"

/** Migrates an empty database to the repository's latest migration. */
export const migrateToLatest = Effect.flatMap(
  migrationsWith({ folder: migrationsFolder, environment: "test" }),
  ({ up }) => up
)

/** Severity, problem and object of each difference, and the fingerprint of the baseline. */
export const currentDifferences = Effect.map(readSchema, ({ differences, fingerprint }) => ({
  fingerprint,
  named: differences.map(({ object, problem, severity }) => [severity, problem, object] as const)
}))
