import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Effect, Result } from "effect"
import { migrationName, parseFiles } from "../../src/layers/migrations/History.ts"

/** Folder of the repository's migrations. */
export const ownFolder = fileURLToPath(new URL("../../migrations", import.meta.url))

/** Their names, oldest first, starting with `0001_baseline`. */
export const ownSteps = Effect.sync(() => Result.getOrThrow(parseFiles(readdirSync(ownFolder))).map(migrationName))

/** Name of the latest migration. */
export const newestStep = Effect.map(ownSteps, (steps) => steps.at(-1))
