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
import type { Drift } from "../domain/Health.ts"
import { AppConfig } from "./AppConfig.ts"
import { stepName, stepsOf } from "./migrations/History.ts"
import type { Step } from "./migrations/History.ts"
import { appliedSteps } from "./migrations/Ledger.ts"
import { MigrationRefused } from "./migrations/MigrationRefused.ts"
import { pending, refusedBy, runPending } from "./migrations/Run.ts"

interface Known {
  readonly newest: string | undefined
  readonly drift: Drift
}

export interface MigrationsOptions extends Policy {
  /** Where the steps are: `NNNN_name.ts` or `.js`. */
  readonly folder: string
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
    /** Looks at the ledger and the catalog anew. */
    readonly refresh: Effect.Effect<void, SqlError>
    /** The newest applied step, such as `0001_baseline`. */
    readonly newest: Effect.Effect<string | undefined>
    /** Whether the database still is what the steps made of it; `unknown` until someone looked. */
    readonly drift: Effect.Effect<Drift>
  }
>()("tbg-api/layers/Migrations") {
  static readonly layerFrom = (options: MigrationsOptions) =>
    Layer.effect(Migrations, make(options)).pipe(Layer.provide([NodeFileSystem.layer, NodePath.layer]))

  static readonly layer = Layer.unwrap(
    Effect.map(AppConfig, ({ environment, migrations }) =>
      Migrations.layerFrom({ folder: ownFolder, environment, policy: migrations.baselinePolicy })
    )
  )
}

const make = Effect.fnUntraced(function* ({ folder, ...policy }: MigrationsOptions) {
  const context = yield* Effect.context<SqlClient.SqlClient | FileSystem.FileSystem | Path.Path>()
  const known = yield* Ref.make<Known>({ newest: undefined, drift: "unknown" })

  const refresh = Effect.gen(function* () {
    const newest = (yield* appliedSteps).at(-1)
    const differences = differencesOf(yield* liveCatalog)
    yield* Ref.set<Known>(known, {
      newest: newest === undefined ? undefined : stepName(newest),
      drift: differences.length === 0 ? "none" : "detected"
    })
  })

  const up = Effect.gen(function* () {
    const steps = yield* stepsIn(folder)
    const todo = yield* pending(steps, yield* appliedSteps)
    const ran = todo.length === 0 ? [] : yield* runPending(folder, steps)
    yield* refresh
    return ran
  })

  return Migrations.of({
    up: up.pipe(
      Effect.mapError(refusedBy),
      Effect.withSpan("Migrations.up"),
      Effect.provideService(BaselinePolicy, policy),
      Effect.provideContext(context)
    ),
    refresh: Effect.provideContext(refresh, context),
    newest: Effect.map(Ref.get(known), ({ newest }) => newest),
    drift: Effect.map(Ref.get(known), ({ drift }) => drift)
  })
})

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
