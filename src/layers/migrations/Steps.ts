import { Effect, FileSystem, Predicate, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import * as MigratorFileSystem from "effect/sql/MigratorFileSystem"
import { checksumOf, manifestName } from "./Checksum.ts"
import { stepName, stepsOf } from "./History.ts"
import type { FoundStep, LoadedStep, Step } from "./History.ts"
import { MigrationRefused } from "./MigrationRefused.ts"

/** The folder of the sources is the repository's; a bundle's lies beside the bundle. */
export const ownFolder = import.meta.filename.endsWith(".ts")
  ? `${import.meta.dirname}/../../../migrations`
  : `${import.meta.dirname}/migrations`

/** What a step's file exports: an effect, which like every step needs `SqlClient` and nothing else. */
export type StepEffect = Effect.Effect<unknown, unknown, SqlClient.SqlClient>

const isStepEffect = (value: unknown): value is StepEffect => Effect.isEffect(value)

const Manifest = Schema.fromJsonString(Schema.Record(Schema.String, Schema.String))
const decodeManifest = Schema.decodeUnknownEffect(Manifest)

const isSource = ({ file }: FoundStep): boolean => file.endsWith(".ts")

/** A source is read; of a bundled step the build has written down what its source was. */
const withChecksums = Effect.fnUntraced(function* (folder: string, steps: ReadonlyArray<FoundStep>) {
  const { readFileString } = yield* FileSystem.FileSystem
  const manifest = steps.every(isSource)
    ? {}
    : yield* Effect.flatMap(readFileString(`${folder}/${manifestName}`), decodeManifest)
  const checksum = Effect.fnUntraced(function* (step: FoundStep) {
    if (isSource(step)) return checksumOf(yield* readFileString(`${folder}/${step.file}`))
    return yield* Effect.fromNullishOr(manifest[stepName(step)])
  })
  return yield* Effect.forEach(steps, (step) => Effect.map(checksum(step), (checksum) => ({ ...step, checksum })))
})

/** The steps of a folder, oldest first, with the checksums of their sources. */
export const stepsIn = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<ReadonlyArray<LoadedStep>, MigrationRefused, FileSystem.FileSystem> {
  const unreadable = (cause: unknown) =>
    new MigrationRefused({ message: `migrations: ${folder} cannot be read`, cause })
  const { readDirectory } = yield* FileSystem.FileSystem
  const files = yield* Effect.mapError(readDirectory(folder), unreadable)
  const steps = yield* Effect.mapError(
    Effect.fromResult(stepsOf(files)),
    (message) => new MigrationRefused({ message })
  )
  return yield* Effect.mapError(withChecksums(folder, steps), unreadable)
})

/** The Migrator's own loader, each step `wrapped`; what is no step goes on to the Migrator, which says so. */
export const loaderOf = (folder: string, wrapped: (step: Step, effect: StepEffect) => StepEffect) =>
  Effect.map(MigratorFileSystem.fromFileSystem(folder), (found) =>
    found.map(([id, name, load]) => {
      const wrap = (module: unknown): unknown =>
        Predicate.hasProperty(module, "default") && isStepEffect(module.default)
          ? wrapped({ id, name }, module.default)
          : module
      return [id, name, Effect.map(load, wrap)] as const
    })
  )

/** What takes the steps back, in the order given; or the one that has no way back. Nothing is run. */
export const downsOf = Effect.fnUntraced(function* (folder: string, steps: ReadonlyArray<Step>) {
  const found = yield* MigratorFileSystem.fromFileSystem(folder)
  return yield* Effect.forEach(
    steps,
    Effect.fnUntraced(function* (step) {
      const [, , load] = found.find(([id]) => id === step.id) ?? []
      if (load === undefined) {
        return yield* new MigrationRefused({
          message: `migrations: ${stepName(step)} is not one of this program's steps: a newer program has to take it back`
        })
      }
      const module: unknown = yield* load
      if (!Predicate.hasProperty(module, "down") || !isStepEffect(module.down)) {
        return yield* new MigrationRefused({ message: `migrations: ${stepName(step)} has no way down` })
      }
      return { step, down: module.down }
    })
  )
})
