import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { Context, Effect, Layer, Ref } from "effect"
import type { FileSystem, Path } from "effect"
import type { SqlClient } from "effect/sql"
import { verifyBaseline, verifyEncoding } from "../baseline/Baseline.ts"
import { BaselinePolicy } from "../baseline/BaselinePolicy.ts"
import type { Policy } from "../baseline/BaselinePolicy.ts"
import type { Proof } from "../baseline/Proof.ts"
import { hasState, inSnapshot, isLocked } from "../baseline/Snapshot.ts"
import type { Drift } from "../domain/Health.ts"
import { AppConfig } from "./AppConfig.ts"
import { migrationsIn, ownFolder } from "./migrations/Folder.ts"
import { migrationName, pendingMigrations } from "./migrations/History.ts"
import type { Target } from "./migrations/History.ts"
import { appliedMigrations } from "./migrations/Ledger.ts"
import { unlessComparing } from "./migrations/Lock.ts"
import { orRefuse } from "./migrations/Refusal.ts"
import type { Failure, Refusal } from "./migrations/Refusal.ts"
import { runRepair } from "./migrations/Repair.ts"
import type { RepairStatements } from "./migrations/Repair.ts"
import { namesAbove, rollBack } from "./migrations/RollBack.ts"
import { completeLedger, logRan, ranNothing, rehearsePending, runPending } from "./migrations/Run.ts"
import type { Ran, RunOptions } from "./migrations/Run.ts"
import { logDrift, readLacking, readSchema, updateMetrics } from "./migrations/SchemaState.ts"
import type { Comparison, KnownSchema, Lacking, SchemaState } from "./migrations/SchemaState.ts"
import { statusOf } from "./migrations/Status.ts"
import type { MigrationStatus } from "./migrations/Status.ts"

export interface MigrationsOptions extends Policy, Omit<RunOptions, "maxWaitSeconds"> {
  readonly maxWaitSeconds?: number
}

/** Migrations and state of the schema; `newest` and `drift` are read from memory. */
export class Migrations extends Context.Service<
  Migrations,
  {
    /**
     * Runs the pending migrations, and returns those that this process ran. If none is pending, it only reads and takes
     * no lock. Of several processes, one runs the migrations and the others wait for it.
     */
    readonly up: Effect.Effect<Ran, Refusal>
    /** Returns what `up` would run, by running it and rolling back. */
    readonly plan: Effect.Effect<Ran, Refusal>
    /** Returns the names of the migrations to roll back to reach `target`, newest first. Changes nothing. */
    readonly namesAbove: (target: Target) => Effect.Effect<ReadonlyArray<string>, Refusal>
    /** Rolls back the migrations of these names, which must be the newest ones, newest first. */
    readonly down: (names: ReadonlyArray<string>) => Effect.Effect<Proof, Refusal>
    /** Returns the statements that repair the baseline, and the differences that remain. Changes nothing. */
    readonly lacking: Effect.Effect<Lacking, Refusal>
    /** Runs the statements of `lacking` if they are still correct. */
    readonly repair: (statements: RepairStatements) => Effect.Effect<Proof, Refusal>
    /** Fails if a migration has changed since it was applied, or was skipped. */
    readonly verify: Effect.Effect<void, Refusal>
    /** Compares the schema and logs changes of the drift. */
    readonly refresh: Effect.Effect<Comparison, Refusal>
    /** Like `refresh`, but does nothing while another process compares; returns whether it ran. */
    readonly refreshAlone: Effect.Effect<boolean, Refusal>
    readonly newest: Effect.Effect<string | undefined>
    /** Status of every migration, oldest first. */
    readonly status: Effect.Effect<ReadonlyArray<MigrationStatus>, Refusal>
    /** Drift of the schema; `unknown` before the first comparison. */
    readonly drift: Effect.Effect<Drift>
  }
>()("tbg-api/layers/Migrations") {
  static readonly layerFrom = (options: MigrationsOptions) =>
    Layer.effect(Migrations, make(options)).pipe(Layer.provide([NodeFileSystem.layer, NodePath.layer]))

  static readonly layer = Layer.unwrap(
    Effect.map(AppConfig, ({ appVersion, environment, migrations }) =>
      Migrations.layerFrom({
        folder: ownFolder,
        version: appVersion,
        environment,
        policy: migrations.baselinePolicy
      })
    )
  )
}

/** While it is pending, the baseline is compared before any lock, so that a wrong database is refused at once. */
const baselineMigration = "0001_baseline"

const undefinedTable = "42P01"

/** Whether another process is migrating: it locked the ledger, or moved it. */
const isMigrated = (error: unknown): boolean => isLocked(error) || hasState(error, undefinedTable)

const warnOfLock = () => Effect.logWarning("schema locked by another session; drift unknown until the next comparison")

type Services = SqlClient.SqlClient | FileSystem.FileSystem | Path.Path

const make = Effect.fnUntraced(function* ({ environment, policy, ...rest }: MigrationsOptions) {
  const context = yield* Effect.context<Services>()
  const known = yield* Ref.make<KnownSchema>({})
  const options: RunOptions = { maxWaitSeconds: 60, ...rest }

  const remember = Effect.fnUntraced(function* (now: KnownSchema) {
    const before = yield* Ref.getAndUpdate(known, (before) => ({ ...before, ...now }))
    yield* updateMetrics(before, now)
    return before
  })

  const announce = Effect.fnUntraced(function* ({ newest, ...comparison }: SchemaState) {
    const before = yield* remember({ newest, ...comparison })
    yield* logDrift(before.differences, comparison.differences)
    return comparison
  })

  const rememberNewest = Effect.flatMap(appliedMigrations, (applied) => {
    const newest = applied.at(-1)
    return remember({ newest: newest && migrationName(newest) })
  })

  const refresh = Effect.flatMap(inSnapshot(readSchema), announce).pipe(
    Effect.tapError((error) => (isLocked(error) ? rememberNewest : Effect.void))
  )

  /** Compares after a committed change, so a lock only causes a warning. */
  const refreshQuietly = Effect.catchIf(Effect.flatMap(inSnapshot(readSchema), remember), isLocked, warnOfLock)

  const load = Effect.gen(function* () {
    const migrations = yield* migrationsIn(options.folder)
    const applied = yield* appliedMigrations
    return { migrations, applied, pending: yield* Effect.fromResult(pendingMigrations(migrations, applied)) }
  })

  const verifyAndLoad = Effect.andThen(verifyEncoding, load).pipe(
    Effect.tap(({ pending }) =>
      pending.some((migration) => migrationName(migration) === baselineMigration) ? verifyBaseline : Effect.void
    )
  )

  const up = Effect.gen(function* () {
    const found = yield* Effect.catchIf(verifyAndLoad, isMigrated, () => Effect.undefined)
    if (found?.pending.length === 0) {
      if (found.applied.some(({ checksum }) => checksum === null)) yield* completeLedger(options, found.migrations)
      yield* Effect.catchIf(refresh, isLocked, warnOfLock)
      return ranNothing
    }
    const ran = yield* runPending(options, yield* migrationsIn(options.folder))
    yield* refreshQuietly
    yield* logRan(ran)
    return ran
  })

  const plan = Effect.flatMap(verifyAndLoad, ({ migrations, pending }) =>
    pending.length === 0 ? Effect.succeed(ranNothing) : rehearsePending(options, migrations)
  )

  const status = Effect.gen(function* () {
    return statusOf(yield* migrationsIn(options.folder), yield* appliedMigrations)
  })

  const withServices = <A, R extends Services>(effect: Effect.Effect<A, Failure, R>) =>
    orRefuse(effect).pipe(
      Effect.provideService(BaselinePolicy, { environment, policy }),
      Effect.provideContext(context)
    )

  return Migrations.of({
    up: withServices(up).pipe(Effect.withSpan("Migrations.up")),
    plan: withServices(plan),
    namesAbove: Effect.fn("Migrations.namesAbove")((target) => withServices(namesAbove(options.folder, target))),
    down: Effect.fn("Migrations.down")((names) => withServices(Effect.tap(rollBack(options, names), refreshQuietly))),
    lacking: withServices(inSnapshot(readLacking)),
    repair: Effect.fn("Migrations.repair")((statements) =>
      withServices(Effect.tap(runRepair(statements, options.maxWaitSeconds), refreshQuietly))
    ),
    verify: Effect.asVoid(withServices(load)),
    refresh: withServices(refresh),
    refreshAlone: withServices(unlessComparing(Effect.flatMap(readSchema, announce))),
    status: withServices(status),
    newest: Effect.map(Ref.get(known), ({ newest }) => newest),
    drift: Effect.map(Ref.get(known), ({ differences }): Drift => {
      if (differences === undefined) return "unknown"
      return differences.length === 0 ? "none" : "detected"
    })
  })
})
