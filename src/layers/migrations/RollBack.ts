import { Effect } from "effect"
import { onlyInOwnSchema } from "../../baseline/SearchPath.ts"
import { downsOf } from "./Folder.ts"
import { migrationName, migrationsAbove } from "./History.ts"
import type { Target } from "./History.ts"
import { appliedMigrations, removeRecord, requireOwnLedger } from "./Ledger.ts"
import { withMigrationLock } from "./Lock.ts"
import { MigrationRefused } from "./Refusal.ts"
import { withoutBaselineChange } from "./Run.ts"
import type { RunOptions } from "./Run.ts"

/** Names of the migrations to roll back to reach `target`, newest first; fails if one cannot be rolled back. */
export const namesAbove = Effect.fnUntraced(function* (folder: string, target: Target) {
  yield* requireOwnLedger
  const migrations = yield* Effect.fromResult(migrationsAbove(yield* appliedMigrations, target))
  yield* downsOf(folder, migrations)
  return migrations.map(migrationName)
})

/** Rolls back exactly these migrations, newest first, and removes their records, in one transaction. */
export const rollBack = ({ folder, maxWaitSeconds }: RunOptions, names: ReadonlyArray<string>) =>
  withMigrationLock(
    Effect.gen(function* () {
      const newest = (yield* appliedMigrations).toReversed().slice(0, names.length)
      if (newest.map(migrationName).join() !== names.join()) {
        return yield* new MigrationRefused({
          message: "migrations: another process has changed the ledger meanwhile; nothing was changed, try again"
        })
      }
      const downs = yield* downsOf(folder, newest)
      const run = Effect.forEach(downs, ({ down, migration }) => Effect.andThen(down, removeRecord(migration.id)), {
        discard: true
      })
      return (yield* withoutBaselineChange(onlyInOwnSchema(run), () => false)).proof
    }),
    maxWaitSeconds
  )
