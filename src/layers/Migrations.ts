import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { Context, Effect, FileSystem, Layer, Ref } from "effect"
import type { Path } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { BaselinePolicy } from "../baseline/BaselinePolicy.ts"
import type { Policy } from "../baseline/BaselinePolicy.ts"
import type { BaselineRefused } from "../baseline/BaselineRefused.ts"
import { liveCatalog } from "../baseline/Catalog.ts"
import { differencesOf } from "../baseline/Difference.ts"
import type { Difference } from "../baseline/Difference.ts"
import type { Drift } from "../domain/Health.ts"
import { AppConfig } from "./AppConfig.ts"
import { watchDrift } from "./migrations/DriftWatch.ts"
import { stepName, stepsOf } from "./migrations/History.ts"
import type { Step } from "./migrations/History.ts"
import { appliedSteps } from "./migrations/Ledger.ts"
import { MigrationRefused } from "./migrations/MigrationRefused.ts"
import { pending, refusedBy, runPending } from "./migrations/Run.ts"

interface Known {
  readonly newest: string | undefined
  /** `undefined` until someone looked. */
  readonly differences: ReadonlyArray<Difference> | undefined
}

/** A step of this program, of the ledger, or of both. */
export interface StepStatus {
  readonly name: string
  /** RFC 3339; `null` while it is pending. */
  readonly appliedAt: string | null
  /** A newer program applied it, and this one does not know it. */
  readonly unknown: boolean
}

export interface MigrationsOptions extends Policy {
  /** Where the steps are: `NNNN_name.ts` or `.js`. */
  readonly folder: string
  /** How often the catalog is looked at anew; 0, the default, is never. */
  readonly driftIntervalSeconds?: number
}

/** The sources' folder is the repository's; a bundle's lies beside the bundle. */
const ownFolder = import.meta.filename.endsWith(".ts")
  ? `${import.meta.dirname}/../../migrations`
  : `${import.meta.dirname}/migrations`

/** The steps of the schema, and what is known of the database's: read from memory, so that anyone may ask at any time. */
export class Migrations extends Context.Service<
  Migrations,
  {
    /**
     * Brings the database to the newest step; gives the names of the steps that this process ran. At the newest step it
     * reads and takes no lock. Processes may do it at once: one runs the steps, the others wait for it.
     */
    readonly up: Effect.Effect<ReadonlyArray<string>, BaselineRefused | MigrationRefused>
    /** Looks at the ledger and the catalog anew; gives where that differs from what this program was made for. */
    readonly refresh: Effect.Effect<ReadonlyArray<Difference>, SqlError>
    /** The newest applied step, such as `0001_baseline`. */
    readonly newest: Effect.Effect<string | undefined>
    /** Every step, oldest first. */
    readonly status: Effect.Effect<ReadonlyArray<StepStatus>, MigrationRefused | SqlError>
    /** Whether the database still is what the steps made of it; `unknown` until someone looked. */
    readonly drift: Effect.Effect<Drift>
  }
>()("tbg-api/layers/Migrations") {
  static readonly layerFrom = (options: MigrationsOptions) =>
    Layer.effect(Migrations, make(options)).pipe(Layer.provide([NodeFileSystem.layer, NodePath.layer]))

  static readonly layer = Layer.unwrap(
    Effect.map(AppConfig, ({ environment, migrations }) =>
      Migrations.layerFrom({
        folder: ownFolder,
        environment,
        policy: migrations.baselinePolicy,
        driftIntervalSeconds: migrations.driftIntervalSeconds
      })
    )
  )
}

const make = Effect.fnUntraced(function* ({ driftIntervalSeconds = 0, folder, ...policy }: MigrationsOptions) {
  const context = yield* Effect.context<SqlClient.SqlClient | FileSystem.FileSystem | Path.Path>()
  const known = yield* Ref.make<Known>({ newest: undefined, differences: undefined })

  const refresh = Effect.gen(function* () {
    const newest = (yield* appliedSteps).at(-1)
    const differences = differencesOf(yield* liveCatalog)
    yield* Ref.set<Known>(known, { newest: newest === undefined ? undefined : stepName(newest), differences })
    return differences
  })

  const status = Effect.gen(function* () {
    const ours = yield* stepsIn(folder)
    const applied = yield* appliedSteps
    const steps = new Map([...applied, ...ours].map((step) => [step.id, step]))
    const known = new Set(ours.map(({ id }) => id))
    const appliedAt = new Map(applied.map((record) => [record.id, record.appliedAt]))
    return [...steps.values()]
      .toSorted((a, b) => a.id - b.id)
      .map((step) => ({
        name: stepName(step),
        appliedAt: appliedAt.get(step.id) ?? null,
        unknown: !known.has(step.id)
      }))
  })

  const up = Effect.gen(function* () {
    const steps = yield* stepsIn(folder)
    const todo = yield* pending(steps, yield* appliedSteps)
    const ran = todo.length === 0 ? [] : yield* runPending(folder, steps)
    yield* refresh
    return ran
  })

  if (driftIntervalSeconds > 0) {
    const remembered = Effect.map(Ref.get(known), ({ differences }) => differences ?? [])
    yield* Effect.provideContext(watchDrift(driftIntervalSeconds, remembered, refresh), context)
  }

  return Migrations.of({
    up: up.pipe(
      Effect.mapError(refusedBy),
      Effect.withSpan("Migrations.up"),
      Effect.provideService(BaselinePolicy, policy),
      Effect.provideContext(context)
    ),
    refresh: Effect.provideContext(refresh, context),
    status: Effect.provideContext(status, context),
    newest: Effect.map(Ref.get(known), ({ newest }) => newest),
    drift: Effect.map(Ref.get(known), ({ differences }) => driftOf(differences))
  })
})

const driftOf = (differences: ReadonlyArray<Difference> | undefined): Drift => {
  if (differences === undefined) return "unknown"
  return differences.length === 0 ? "none" : "detected"
}

const stepsIn = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<ReadonlyArray<Step>, MigrationRefused, FileSystem.FileSystem> {
  const { readDirectory } = yield* FileSystem.FileSystem
  const files = yield* Effect.mapError(
    readDirectory(folder),
    (cause) => new MigrationRefused({ message: `migrations: ${folder} cannot be read`, cause })
  )
  return yield* Effect.mapError(Effect.fromResult(stepsOf(files)), (message) => new MigrationRefused({ message }))
})
