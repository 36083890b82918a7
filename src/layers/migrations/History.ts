import { Result, Schema } from "effect"
import { manifestName } from "./Checksum.ts"
import { MigrationRefused } from "./Refusal.ts"

export const Migration = Schema.Struct({ id: Schema.Int, name: Schema.String })
export type Migration = typeof Migration.Type

export const migrationName = ({ id, name }: Migration): string => `${String(id).padStart(4, "0")}_${name}`

export interface MigrationFile extends Migration {
  readonly file: string
}

export interface LoadedMigration extends MigrationFile {
  readonly checksum: string
}

export const AppliedMigration = Schema.Struct({
  ...Migration.fields,
  /** RFC 3339. */
  appliedAt: Schema.String,
  /** `null` in a ledger of an earlier version. */
  checksum: Schema.NullOr(Schema.String)
})
export type AppliedMigration = typeof AppliedMigration.Type

const refuse = (message: string) => Result.fail(new MigrationRefused({ message: `migrations: ${message}` }))

const filePattern = /^(?!0000)(\d{4})_([a-z0-9]+(?:_[a-z0-9]+)*)\.(?:ts|js)$/

/** Hidden files, and files that the bundler writes beside migrations. */
const isIgnored = (file: string): boolean => file.startsWith(".") || file.endsWith(".map") || file === manifestName

/** Returns the migrations among the files of a folder, oldest first. The Migrator would skip a badly named file. */
export const parseFiles = (files: ReadonlyArray<string>): Result.Result<Array<MigrationFile>, MigrationRefused> => {
  const migrations: Array<MigrationFile> = []
  for (const file of files.filter((file) => !isIgnored(file)).toSorted()) {
    const [, digits, name] = filePattern.exec(file) ?? []
    if (digits === undefined || name === undefined) {
      return refuse(`invalid file name ${file}: expected NNNN_verb_noun.ts in lower case, numbered from 0001`)
    }
    const migration = { id: Number(digits), name, file }
    const previous = migrations.at(-1)
    if (previous?.id === migration.id) {
      return refuse(`${migrationName(previous)} and ${migrationName(migration)} have the same number`)
    }
    migrations.push(migration)
  }
  return Result.succeed(migrations)
}

export const isChanged = (migration: LoadedMigration, applied: AppliedMigration | undefined): boolean =>
  applied !== undefined && applied.checksum !== null && applied.checksum !== migration.checksum

/**
 * Returns the migrations that are not in the ledger. Fails if a source has changed since it was applied, or if a
 * pending migration is older than the newest record, because the Migrator would skip it. Newer records are accepted,
 * because during a deploy this version serves next to a newer one.
 */
export const pendingMigrations = (
  migrations: ReadonlyArray<LoadedMigration>,
  applied: ReadonlyArray<AppliedMigration>
): Result.Result<ReadonlyArray<LoadedMigration>, MigrationRefused> => {
  const records = new Map(applied.map((record) => [record.id, record]))
  const newest = Math.max(0, ...records.keys())
  const changed = migrations.find((migration) => isChanged(migration, records.get(migration.id)))
  if (changed !== undefined) {
    return refuse(`${migrationName(changed)} has changed since it was applied: its checksum does not match`)
  }
  const pending = migrations.filter(({ id }) => !records.has(id))
  const late = pending.find(({ id }) => id < newest)
  if (late === undefined) return Result.succeed(pending)
  const number = String(newest).padStart(4, "0")
  return refuse(`${migrationName(late)} was never applied and is older than the newest one applied (${number})`)
}

/** Migration that becomes the latest: its number, 0 for none, or the one before the current latest. */
export type Target = number | "previous"

/** Newest first. */
export const migrationsAbove = (
  applied: ReadonlyArray<AppliedMigration>,
  target: Target
): Result.Result<ReadonlyArray<AppliedMigration>, MigrationRefused> => {
  const newestFirst = applied.toReversed()
  if (target === "previous") return Result.succeed(newestFirst.slice(0, 1))
  return target === 0 || applied.some(({ id }) => id === target)
    ? Result.succeed(newestFirst.filter(({ id }) => id > target))
    : refuse(`${String(target).padStart(4, "0")} is not applied, so nothing can be rolled back to it`)
}
