import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Effect, Result } from "effect"
import { migrationName, parseFiles } from "../../src/layers/migrations/History.ts"

/** Folder of the repository's migrations. */
export const migrationsFolder = fileURLToPath(new URL("../../migrations", import.meta.url))

/** Their names, oldest first, starting with `0001_baseline`. */
export const ownMigrations = Effect.sync(() =>
  Result.getOrThrow(parseFiles(readdirSync(migrationsFolder))).map(migrationName)
)

/** Name of the latest migration. */
export const latestMigration = Effect.map(ownMigrations, (steps) => steps.at(-1))
