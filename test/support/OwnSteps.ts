import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Effect, Result } from "effect"
import { migrationName, parseFiles } from "../../src/layers/migrations/History.ts"

/** The folder of the repository's own steps. */
export const ownFolder = fileURLToPath(new URL("../../migrations", import.meta.url))

/** Their names, oldest first: `0001_baseline` and those after it. */
export const ownSteps = Effect.sync(() => Result.getOrThrow(parseFiles(readdirSync(ownFolder))).map(migrationName))

/** The newest of them: where the schema ends up. */
export const newestStep = Effect.map(ownSteps, (steps) => steps.at(-1))
