import { Effect } from "effect"
import { readSchema } from "../../src/layers/migrations/SchemaState.ts"
import { ownFolder } from "./OwnSteps.ts"
import { migrationsWith } from "./TestMigrations.ts"

/** An empty database brought to the newest of the repository's own steps. */
export const ownSchema = Effect.flatMap(migrationsWith({ folder: ownFolder, environment: "test" }), ({ up }) => up)

/** Severity, problem and object of each difference, and the fingerprint of the baseline. */
export const seenNow = Effect.map(readSchema, ({ differences, fingerprint }) => ({
  fingerprint,
  named: differences.map(({ object, problem, severity }) => [severity, problem, object] as const)
}))
