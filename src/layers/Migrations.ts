import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { Context, Effect, Layer, Ref } from "effect"
import type { FileSystem, Path } from "effect"
import type { SqlClient } from "effect/sql"
import { verifyBaseline } from "../baseline/Baseline.ts"
import { BaselinePolicy } from "../baseline/BaselinePolicy.ts"
import type { Policy } from "../baseline/BaselinePolicy.ts"
import { verifyEncoding } from "../baseline/Encoding.ts"
import { hasState, inSnapshot, isLocked } from "../baseline/Snapshot.ts"
import type { Difference } from "../baseline/Difference.ts"
import type { Proof } from "../baseline/Proof.ts"
import type { Drift } from "../domain/Health.ts"
import { AppConfig } from "./AppConfig.ts"
import { stepsDown, takeBack } from "./migrations/Down.ts"
import { stepName } from "./migrations/History.ts"
import type { Target } from "./migrations/History.ts"
import { appliedSteps } from "./migrations/Ledger.ts"
import { lackingOf, seen } from "./migrations/Look.ts"
import type { Lacking, Look, Seen } from "./migrations/Look.ts"
import { showSchema } from "./migrations/Metrics.ts"
import type { KnownSchema } from "./migrations/Metrics.ts"
import { logDrift, logRan } from "./migrations/Report.ts"
import { lostSessionFails, refusedBy } from "./migrations/Refusal.ts"
import type { Refusal } from "./migrations/Refusal.ts"
import { runRepair } from "./migrations/Repair.ts"
import type { RepairStatements } from "./migrations/Repair.ts"
import { completeLedger, pending, ranNothing, rehearsePending, runPending } from "./migrations/Run.ts"
import type { Ran, RunOptions } from "./migrations/Run.ts"
import { statusOf } from "./migrations/Status.ts"
import type { StepStatus } from "./migrations/Status.ts"
import { ownFolder, stepsIn } from "./migrations/Steps.ts"
import { ifAlone, longestWait } from "./migrations/Turn.ts"

export interface MigrationsOptions extends Policy, Partial<RunOptions> {
  /** Where the steps are: `NNNN_name.ts` or `.js`. */
  readonly folder: string
  /** Of the service, for the ledger. */
  readonly version: string
}

/**
 * The steps of the schema, and what is known of the database's: read from memory, so that anyone may ask at any time.
 */
export class Migrations extends Context.Service<
  Migrations,
  {
    /**
     * Brings the database to the newest step; gives what this process ran. At the newest step it reads and takes no
     * lock. Processes may do it at once: one runs the steps, the others wait for it.
     */
    readonly up: Effect.Effect<Ran, Refusal>
    /** What `up` would run: it is run, and taken back. */
    readonly plan: Effect.Effect<Ran, Refusal>
    /** The steps that the way down to `target` takes back, newest first. Nothing is changed. */
    readonly stepsDown: (target: Target) => Effect.Effect<ReadonlyArray<string>, Refusal>
    /** Takes back the steps of these names, which have to be the newest ones, newest first. */
    readonly down: (names: ReadonlyArray<string>) => Effect.Effect<Proof, Refusal>
    /**
     * What the baseline lacks as statements, and what no statement mends, our own tables among it. Nothing is changed.
     */
    readonly lacking: Effect.Effect<Lacking, Refusal>
    /** Runs such statements, if the schema still lacks just that. */
    readonly repair: (statements: RepairStatements) => Effect.Effect<Proof, Refusal>
    /** Fails with the step that has changed since it was applied, or was passed over. */
    readonly verify: Effect.Effect<void, Refusal>
    /** Looks at the ledger and the catalog anew; a change of the drift is logged. */
    readonly refresh: Effect.Effect<Look, Refusal>
    /** Does the same unless another process does it now; gives whether it could. */
    readonly refreshAlone: Effect.Effect<boolean, Refusal>
    /** The newest applied step, such as `0001_baseline`. */
    readonly newest: Effect.Effect<string | undefined>
    /** Every step, oldest first. */
    readonly status: Effect.Effect<ReadonlyArray<StepStatus>, Refusal>
    /** Whether the database still is what the steps made of it; `unknown` until someone looked. */
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

/** Its own comparison comes before any lock: a database that is refused is left at once. */
const baselineStep = "0001_baseline"

const undefinedTable = "42P01"

/** Whether another process is migrating: it holds the ledger, or moved it after it was found. */
const isMigrated = (error: unknown): boolean => isLocked(error) || hasState(error, undefinedTable)

type Services = SqlClient.SqlClient | FileSystem.FileSystem | Path.Path

const make = Effect.fnUntraced(function* ({ environment, policy, ...rest }: MigrationsOptions) {
  const context = yield* Effect.context<Services>()
  const known = yield* Ref.make<KnownSchema>({})
  const options: RunOptions = { longestWait, ...rest }

  const remember = Effect.fnUntraced(function* (now: KnownSchema) {
    const before = yield* Ref.getAndUpdate(known, (before) => ({ ...before, ...now }))
    yield* showSchema(before, now)
    return before
  })

  const announced = Effect.fnUntraced(function* ({ newest, ...look }: Seen) {
    const before = yield* remember({ newest, ...look })
    yield* logDrift(before.differences, look.differences)
    return look
  })

  const newestOfLedger = Effect.flatMap(appliedSteps, (applied) => {
    const newest = applied.at(-1)
    return remember({ newest: newest && stepName(newest) })
  })

  const refresh = Effect.flatMap(inSnapshot(seen), announced).pipe(
    Effect.tapError((error) => (isLocked(error) ? newestOfLedger : Effect.void))
  )

  const warnOfLock = () =>
    Effect.logWarning("schema locked by another session; drift unknown until the next comparison")

  /** Compares after a committed change, so a lock only causes a warning. */
  const look = Effect.catchIf(Effect.flatMap(inSnapshot(seen), remember), isLocked, warnOfLock)

  const loaded = Effect.gen(function* () {
    const steps = yield* stepsIn(options.folder)
    const applied = yield* appliedSteps
    return { steps, applied, todo: yield* pending(steps, applied) }
  })

  const toRun = Effect.andThen(verifyEncoding, loaded).pipe(
    Effect.tap(({ todo }) => (todo.some((step) => stepName(step) === baselineStep) ? verifyBaseline : Effect.void))
  )

  const up = Effect.gen(function* () {
    const found = yield* Effect.catchIf(toRun, isMigrated, () => Effect.undefined)
    if (found?.todo.length === 0) {
      if (found.applied.some(({ checksum }) => checksum === null)) yield* completeLedger(options, found.steps)
      yield* Effect.catchIf(refresh, isLocked, warnOfLock)
      return ranNothing
    }
    const ran = yield* runPending(options, yield* stepsIn(options.folder))
    yield* look
    yield* logRan(ran)
    return ran
  })

  const plan = Effect.flatMap(toRun, ({ steps, todo }) =>
    todo.length === 0 ? Effect.succeed(ranNothing) : rehearsePending(options, steps)
  )

  const status = Effect.gen(function* () {
    return statusOf(yield* stepsIn(options.folder), yield* appliedSteps)
  })

  const refused = <A, R extends Services>(effect: Effect.Effect<A, Parameters<typeof refusedBy>[0], R>) =>
    effect.pipe(
      lostSessionFails,
      Effect.mapError(refusedBy),
      Effect.provideService(BaselinePolicy, { environment, policy }),
      Effect.provideContext(context)
    )

  return Migrations.of({
    up: Effect.withSpan(refused(up), "Migrations.up"),
    plan: refused(plan),
    stepsDown: (target) => refused(stepsDown(options.folder, target)),
    down: (names) => refused(Effect.tap(takeBack(options, names), look)),
    lacking: refused(inSnapshot(lackingOf)),
    repair: (statements) => refused(Effect.tap(runRepair(statements, options.longestWait), look)),
    verify: Effect.asVoid(refused(loaded)),
    refresh: refused(refresh),
    refreshAlone: refused(ifAlone(Effect.flatMap(seen, announced))),
    status: refused(status),
    newest: Effect.map(Ref.get(known), ({ newest }) => newest),
    drift: Effect.map(Ref.get(known), ({ differences }) => driftOf(differences))
  })
})

const driftOf = (differences: ReadonlyArray<Difference> | undefined): Drift => {
  if (differences === undefined) return "unknown"
  return differences.length === 0 ? "none" : "detected"
}
