import { Effect, FileSystem, Predicate, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import * as MigratorFileSystem from "effect/sql/MigratorFileSystem"
import { checksumOf, manifestName } from "./Checksum.ts"
import { migrationName, parseFiles } from "./History.ts"
import type { Migration, MigrationFile } from "./History.ts"
import { MigrationRefused } from "./Refusal.ts"

/** Folder of our migrations, in the repository or next to the bundle. */
export const ownFolder = import.meta.filename.endsWith(".ts")
  ? `${import.meta.dirname}/../../../migrations`
  : `${import.meta.dirname}/migrations`

/** Effect that a migration exports: `default` applies it, `down` rolls it back. */
export type MigrationEffect = Effect.Effect<unknown, unknown, SqlClient.SqlClient>

const isMigrationEffect = (value: unknown): value is MigrationEffect => Effect.isEffect(value)

const decodeManifest = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Record(Schema.String, Schema.String)))

const isSource = ({ file }: MigrationFile): boolean => file.endsWith(".ts")

/** Adds the checksum of each source. For bundled migrations, it is in a manifest that the build wrote. */
const withChecksums = Effect.fnUntraced(function* (folder: string, files: ReadonlyArray<MigrationFile>) {
  const { readFileString } = yield* FileSystem.FileSystem
  const manifest = files.every(isSource)
    ? {}
    : yield* Effect.flatMap(readFileString(`${folder}/${manifestName}`), decodeManifest)
  const checksum = Effect.fnUntraced(function* (migration: MigrationFile) {
    if (isSource(migration)) return checksumOf(yield* readFileString(`${folder}/${migration.file}`))
    return yield* Effect.fromNullishOr(manifest[migrationName(migration)])
  })
  return yield* Effect.forEach(files, (file) => Effect.map(checksum(file), (checksum) => ({ ...file, checksum })))
})

/** Returns the migrations of a folder, oldest first, with the checksums of their sources. */
export const migrationsIn = Effect.fnUntraced(function* (folder: string) {
  const unreadable = (cause: unknown) =>
    new MigrationRefused({ message: `migrations: ${folder} cannot be read`, cause })
  const { readDirectory } = yield* FileSystem.FileSystem
  const files = parseFiles(yield* Effect.mapError(readDirectory(folder), unreadable))
  return yield* Effect.mapError(withChecksums(folder, yield* Effect.fromResult(files)), unreadable)
})

/** Loader of the Migrator that wraps each migration. The Migrator reports modules without a migration. */
export const loaderOf = (folder: string, wrap: (migration: Migration, effect: MigrationEffect) => MigrationEffect) =>
  Effect.map(MigratorFileSystem.fromFileSystem(folder), (found) =>
    found.map(([id, name, load]) => {
      const wrapDefault = (module: unknown): unknown =>
        Predicate.hasProperty(module, "default") && isMigrationEffect(module.default)
          ? wrap({ id, name }, module.default)
          : module
      return [id, name, Effect.map(load, wrapDefault)] as const
    })
  )

/** Returns the effects that roll back these migrations; fails if one has none. Nothing is run. */
export const downsOf = Effect.fnUntraced(function* (folder: string, migrations: ReadonlyArray<Migration>) {
  const found = yield* MigratorFileSystem.fromFileSystem(folder)
  return yield* Effect.forEach(
    migrations,
    Effect.fnUntraced(function* (migration) {
      const name = migrationName(migration)
      const [, , load] = found.find(([id]) => id === migration.id) ?? []
      if (load === undefined) {
        return yield* new MigrationRefused({
          message: `migrations: ${name} is unknown to this version; roll it back with the newer version`
        })
      }
      const module: unknown = yield* load
      if (!Predicate.hasProperty(module, "down") || !isMigrationEffect(module.down)) {
        return yield* new MigrationRefused({
          message: `migrations: ${name} exports no down, so it cannot be rolled back`
        })
      }
      return { migration, down: module.down }
    })
  )
})
