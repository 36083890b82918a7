import { Array as Arr, Effect, Exit, Schema } from "effect"
import { Migrator, Statement } from "effect/sql"
import { BaselineOutcome } from "../../baseline/Baseline.ts"
import type { Difference } from "../../baseline/Difference.ts"
import { differencesOf } from "../../baseline/Expectations.ts"
import { withProof, writtenTables } from "../../baseline/Proof.ts"
import type { Proof } from "../../baseline/Proof.ts"
import { inOwnSchema } from "../../baseline/SearchPath.ts"
import { loaderOf } from "./Folder.ts"
import type { MigrationEffect } from "./Folder.ts"
import { migrationName, pendingMigrations } from "./History.ts"
import type { LoadedMigration, Migration } from "./History.ts"
import { appliedMigrations, ensureLedger, fillChecksums, ledger, recordDetails } from "./Ledger.ts"
import type { Mode } from "./Ledger.ts"
import { withMigrationLock } from "./Lock.ts"
import { MigrationRefused } from "./Refusal.ts"

export interface RanMigration {
  readonly name: string
  readonly mode: Mode
  readonly statements: ReadonlyArray<string>
}

/** Migrations that were run in one transaction, and their effect on the baseline. */
export interface Ran {
  /** Empty if another process was first. */
  readonly steps: ReadonlyArray<RanMigration>
  readonly proof: Proof | undefined
  /** Differences of a baseline that was recorded now. */
  readonly warnings: ReadonlyArray<Difference>
}

export const ranNothing: Ran = { steps: [], proof: undefined, warnings: [] }

export interface RunOptions {
  readonly folder: string
  /** Version of the service, for the ledger. */
  readonly version: string
  /** Maximum wait for the migration lock. */
  readonly maxWaitSeconds: number
}

const sqlOf = (statement: Statement.Statement<unknown>): string => {
  const [text, parameters] = statement.compile()
  const values = parameters.map((value, place) => `$${place + 1} = ${String(value)}`)
  return values.length === 0 ? text : `${text} -- ${values.join(", ")}`
}

const isBaselineOutcome = Schema.is(BaselineOutcome)

/** Runs a migration, and adds it to `ran` with the statements that it sends. */
const recordedIn =
  (ran: Array<RanMigration>) =>
  (migration: Migration, effect: MigrationEffect): MigrationEffect =>
    Effect.suspend(() => {
      const statements: Array<string> = []
      const record: Statement.Transformer = (statement) =>
        Effect.sync(() => {
          statements.push(sqlOf(statement))
          return statement
        })
      return Effect.map(Effect.provideService(effect, Statement.CurrentTransformer, record), (result) => {
        const mode = isBaselineOutcome(result) ? result.mode : "applied"
        ran.push({ name: migrationName(migration), mode, statements })
      })
    })

/** Runs part of the transaction; fails if it wrote rows of the baseline, which belong to another service. */
export const provenWithoutWrites = <A, E, R>(effect: Effect.Effect<A, E, R>, actor: "migration" | "repair") =>
  Effect.tap(withProof(effect), ({ proof }) => {
    const [table] = writtenTables(proof)
    return table === undefined
      ? Effect.void
      : new MigrationRefused({
          message: `migrations: a ${actor} wrote rows of baseline table ${table}; nothing was changed`
        })
  })

/** Runs migrations; fails if they changed the baseline, whose tables only its own migration may create. */
export const withoutBaselineChange = <A, E, R>(effect: Effect.Effect<A, E, R>, mayCreate: () => boolean) =>
  Effect.tap(provenWithoutWrites(effect, "migration"), ({ proof }) =>
    mayCreate() || proof.before === proof.after
      ? Effect.void
      : new MigrationRefused({
          message: "migrations: the baseline tables changed while the migrations ran; nothing was changed, try again"
        })
  )

const run = Effect.fnUntraced(function* ({ folder, version }: RunOptions, migrations: ReadonlyArray<LoadedMigration>) {
  yield* ensureLedger
  const pending = yield* Effect.fromResult(pendingMigrations(migrations, yield* appliedMigrations))
  yield* fillChecksums(migrations)
  if (pending.length === 0) return ranNothing
  const steps: Array<RanMigration> = []
  const migrate = Migrator.make({})({ loader: loaderOf(folder, recordedIn(steps)), table: ledger })
  const { catalog, proof } = yield* withoutBaselineChange(inOwnSchema(migrate), () =>
    steps.some(({ mode }) => mode === "created")
  )
  yield* Effect.forEach(
    Arr.zip(pending, steps),
    ([{ checksum, id }, { mode }]) =>
      recordDetails(id, { checksum, fingerprint: mode === "applied" ? null : proof.after, version, mode }),
    { discard: true }
  )
  const isRecognised = steps.some(({ mode }) => mode === "recognised")
  return { steps, proof, warnings: isRecognised ? differencesOf(catalog) : [] } satisfies Ran
})

/** Fills in the ledger of an earlier version. A role that lacks the right only causes a warning. */
export const completeLedger = (options: RunOptions, migrations: ReadonlyArray<LoadedMigration>) =>
  withMigrationLock(Effect.andThen(ensureLedger, fillChecksums(migrations)), options.maxWaitSeconds).pipe(
    Effect.catchIf(
      (error) => error._tag === "SqlError" && error.reason._tag === "AuthorizationError",
      () => Effect.logWarning(`role may not update ${ledger}; changed migrations are not detected`)
    )
  )

/** Runs the pending migrations and records them in one transaction; a failure leaves nothing, not even the ledger. */
export const runPending = (options: RunOptions, migrations: ReadonlyArray<LoadedMigration>) =>
  withMigrationLock(run(options, migrations), options.maxWaitSeconds)

/** Runs the pending migrations and rolls back, because only this gives an exact preview. */
export const rehearsePending = (options: RunOptions, migrations: ReadonlyArray<LoadedMigration>) =>
  withMigrationLock(Effect.flatMap(Effect.exit(run(options, migrations)), Effect.fail), options.maxWaitSeconds).pipe(
    Effect.catch((error) => (Exit.isExit(error) ? error : Effect.fail(error)))
  )

const logWarning = ({ found, object, problem, wanted }: Difference) =>
  Effect.logWarning(`baseline: ${object} is ${problem}`).pipe(Effect.annotateLogs({ object, problem, wanted, found }))

const messages: Record<Mode, string> = {
  recognised: "baseline tables recognized",
  created: "baseline tables created",
  applied: "migration applied"
}

/** Logs warnings, migrations, and the proof that the tables of the baseline are unchanged. */
export const logRan = Effect.fnUntraced(function* ({ proof, steps, warnings }: Ran) {
  yield* Effect.forEach(warnings, logWarning, { discard: true })
  for (const { mode, name } of steps) {
    yield* Effect.annotateLogs(Effect.logInfo(messages[mode]), { step: name })
  }
  if (proof === undefined) return
  const fields = {
    fingerprint_before: proof.before,
    fingerprint_after: proof.after,
    tables_written: writtenTables(proof)
  }
  yield* Effect.annotateLogs(Effect.logDebug("migrated"), fields)
})
