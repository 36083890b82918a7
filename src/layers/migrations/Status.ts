import { isChanged, migrationName } from "./History.ts"
import type { LoadedMigration } from "./History.ts"
import type { AppliedRecord } from "./Ledger.ts"

/** Status of a migration in this program, in the ledger, or in both. */
export interface MigrationStatus {
  readonly name: string
  /** RFC 3339; `null` while it is pending. */
  readonly appliedAt: string | null
  /** `recognised`, `created` or `applied`; `null` while it is pending, or if an early version recorded it. */
  readonly mode: string | null
  /** Version of the service that applied it; `null` in the same cases. */
  readonly version: string | null
  readonly unknown: boolean
  readonly changed: boolean
}

export const statusOf = (
  own: ReadonlyArray<LoadedMigration>,
  applied: ReadonlyArray<AppliedRecord>
): ReadonlyArray<MigrationStatus> => {
  const all = new Map([...applied, ...own].map((migration) => [migration.id, migration]))
  return [...all.values()]
    .toSorted((a, b) => a.id - b.id)
    .map((migration) => {
      const source = own.find(({ id }) => id === migration.id)
      const record = applied.find(({ id }) => id === migration.id)
      return {
        name: migrationName(migration),
        appliedAt: record?.appliedAt ?? null,
        mode: record?.mode ?? null,
        version: record?.version ?? null,
        unknown: source === undefined,
        changed: source !== undefined && isChanged(source, record)
      }
    })
}
