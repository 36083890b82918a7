import { Effect, Exit, Option, Schema } from "effect"
import { Migrator, Statement } from "effect/sql"
import { differencesOf } from "../../baseline/Difference.ts"
import type { Difference } from "../../baseline/Difference.ts"
import { BaselineOutcome } from "../../baseline/Baseline.ts"
import { proven, written } from "../../baseline/Proof.ts"
import type { Proof } from "../../baseline/Proof.ts"
import { inOwnSchema } from "../../baseline/SearchPath.ts"
import { pendingSteps, stepName } from "./History.ts"
import type { AppliedStep, LoadedStep, Step } from "./History.ts"
import { appliedSteps, ensureLedger, fillChecksums, ledger, recordDetails } from "./Ledger.ts"
import type { Mode } from "./Ledger.ts"
import { MigrationRefused } from "./MigrationRefused.ts"
import { loaderOf } from "./Steps.ts"
import type { StepEffect } from "./Steps.ts"
import { inTurn } from "./Turn.ts"

/** A step that was run, and the statements that it sent. */
export interface RanStep {
  readonly name: string
  readonly mode: Mode
  readonly statements: ReadonlyArray<string>
}

/** What was run in one transaction, and what that did to the baseline. */
export interface Ran {
  /** None where another process was first. */
  readonly steps: ReadonlyArray<RanStep>
  readonly proof: Proof | undefined
  /** Where the baseline, when it was recorded now, differs from what is expected. */
  readonly warnings: ReadonlyArray<Difference>
}

export const ranNothing: Ran = { steps: [], proof: undefined, warnings: [] }

/** Where the steps are, who runs them, and how many seconds it waits for others. */
export interface RunOptions {
  readonly folder: string
  readonly version: string
  readonly longestWait: number
}

const outcomeOf = Schema.decodeUnknownOption(BaselineOutcome)

/** Fails with the one step that stands in the way, else gives those still to be run. */
export const pending = (steps: ReadonlyArray<LoadedStep>, applied: ReadonlyArray<AppliedStep>) =>
  Effect.mapError(Effect.fromResult(pendingSteps(steps, applied)), (message) => new MigrationRefused({ message }))

const sqlOf = (statement: Statement.Statement<unknown>): string => {
  const [text, parameters] = statement.compile()
  const values = parameters.map((value, place) => `$${place + 1} = ${String(value)}`)
  return values.length === 0 ? text : `${text} -- ${values.join(", ")}`
}

type Notes = Map<number, { readonly mode: Mode; readonly statements: ReadonlyArray<string> }>

/** Writes down, under the step's number, how it came to be recorded and what it sent. */
const noted =
  (notes: Notes) =>
  ({ id }: Step, effect: StepEffect): StepEffect =>
    Effect.suspend(() => {
      const statements: Array<string> = []
      const note: Statement.Transformer = (statement) => {
        statements.push(sqlOf(statement))
        return Effect.succeed(statement)
      }
      return effect.pipe(
        Effect.provideService(Statement.CurrentTransformer, note),
        Effect.tap((result) =>
          Effect.sync(() => {
            const mode = Option.match(outcomeOf(result), {
              onNone: () => "applied" as const,
              onSome: ({ mode }) => mode
            })
            notes.set(id, { mode, statements })
          })
        )
      )
    })

/** The baseline is not ours: no step writes its rows, and only its own step may make its tables. */
const untouched = Effect.fnUntraced(function* (proof: Proof, mayCreate: boolean) {
  const [table] = written(proof)
  if (table !== undefined) {
    return yield* new MigrationRefused({
      message: `migrations: a step wrote rows of the baseline's table ${table}; nothing was changed`
    })
  }
  if (!mayCreate && proof.before !== proof.after) {
    return yield* new MigrationRefused({
      message: "migrations: the tables of the baseline changed while the steps ran; nothing was recorded, try again"
    })
  }
})

/** Runs an effect of this transaction's, and refuses what it did to the baseline. */
export const leavingTheBaseline = <A, E, R>(effect: Effect.Effect<A, E, R>, mayCreate: (value: A) => boolean) =>
  Effect.tap(proven(effect), ({ proof, value }) => untouched(proof, mayCreate(value)))

const runSteps = Effect.fnUntraced(function* ({ folder, version }: RunOptions, steps: ReadonlyArray<LoadedStep>) {
  yield* ensureLedger
  const todo = yield* pending(steps, yield* appliedSteps)
  yield* fillChecksums(steps)
  if (todo.length === 0) return ranNothing
  const notes: Notes = new Map()
  const run = Migrator.make({})({ loader: loaderOf(folder, noted(notes)), table: ledger })
  const isCreated = () => [...notes.values()].some(({ mode }) => mode === "created")
  const { catalog, proof } = yield* leavingTheBaseline(inOwnSchema(run), isCreated)
  const ran = todo.map((step) => ({ step, ...(notes.get(step.id) ?? { mode: "applied" as const, statements: [] }) }))
  const details = ran.map(({ mode, step }) => {
    const fingerprint = mode === "applied" ? null : proof.after
    return recordDetails(step.id, { checksum: step.checksum, fingerprint, version, mode })
  })
  yield* Effect.all(details, { discard: true })
  return {
    steps: ran.map(({ mode, statements, step }) => ({ name: stepName(step), mode, statements })),
    proof,
    warnings: ran.some(({ mode }) => mode === "recognised") ? differencesOf(catalog) : []
  } satisfies Ran
})

/**
 * Brings the ledger of an older program up to date, with nothing to run. A role that may not is no reason to stop: the
 * steps have all been applied.
 */
export const completeLedger = (options: RunOptions, steps: ReadonlyArray<LoadedStep>) =>
  inTurn(Effect.andThen(ensureLedger, fillChecksums(steps)), options.longestWait).pipe(
    Effect.catchIf(
      (error) => error._tag === "SqlError" && error.reason._tag === "AuthorizationError",
      () => Effect.logWarning(`the role may not complete ${ledger}: steps that change are not noticed`)
    )
  )

/**
 * Runs the steps of the folder that the ledger lacks, with their records, in one transaction: a failure leaves nothing
 * behind, not even the ledger.
 */
export const runPending = (options: RunOptions, steps: ReadonlyArray<LoadedStep>) =>
  inTurn(runSteps(options, steps), options.longestWait)

/** Does the same, and takes it all back: only so is it exactly what would be run. */
export const rehearsePending = Effect.fnUntraced(function* (options: RunOptions, steps: ReadonlyArray<LoadedStep>) {
  const rehearsed = Effect.flatMap(Effect.exit(runSteps(options, steps)), Effect.fail)
  const outcome = yield* Effect.flip(inTurn(rehearsed, options.longestWait))
  return yield* Exit.isExit(outcome) ? outcome : Effect.fail(outcome)
})
