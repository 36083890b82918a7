import { Result, Schema } from "effect"
import { manifestName } from "./Checksum.ts"

/** A step, as its file or its record in the ledger tells it; the name is what follows the number. */
export const Step = Schema.Struct({ id: Schema.Int, name: Schema.String })
export type Step = typeof Step.Type

/** `NNNN_name`, as files, records and people call it. */
export const stepName = ({ id, name }: Step): string => `${String(id).padStart(4, "0")}_${name}`

/** A step, and the file in its folder that holds it. */
export interface FoundStep extends Step {
  readonly file: string
}

const stepFile = /^(?!0000)(\d{4})_([a-z0-9]+(?:_[a-z0-9]+)*)\.(?:ts|js)$/

/** Files that no one takes for a migration: hidden ones and what the bundler writes beside them. */
const isIgnored = (file: string): boolean => file.startsWith(".") || file.endsWith(".map") || file === manifestName

/**
 * The steps that a folder holds, by number, with their files; or what is wrong with it. The Migrator itself passes over
 * a badly named file in silence.
 */
export const stepsOf = (files: ReadonlyArray<string>): Result.Result<ReadonlyArray<FoundStep>, string> => {
  const steps: Array<FoundStep> = []
  for (const file of files.filter((file) => !isIgnored(file)).toSorted()) {
    const [, digits, name] = stepFile.exec(file) ?? []
    if (digits === undefined || name === undefined) {
      return Result.fail(`migrations: ${file} is badly named: wanted NNNN_verb_noun.ts, from 0001 on, in small letters`)
    }
    const step = { id: Number(digits), name, file }
    const previous = steps.at(-1)
    if (previous?.id === step.id) {
      return Result.fail(`migrations: ${stepName(previous)} and ${stepName(step)} have the same number`)
    }
    steps.push(step)
  }
  return Result.succeed(steps)
}

/** A step that this program has. */
export interface LoadedStep extends FoundStep {
  /** Of its source (`checksumOf`). */
  readonly checksum: string
}

/** A step that the ledger holds. */
export interface AppliedStep extends Step {
  /** RFC 3339. */
  readonly appliedAt: string
  /** `null` in a ledger that an older program kept. */
  readonly checksum: string | null
}

/** Whether its source is another than it was when it was applied. */
export const isChanged = (step: LoadedStep, applied: AppliedStep | undefined): boolean =>
  applied !== undefined && applied.checksum !== null && applied.checksum !== step.checksum

/**
 * The steps that are still to be run; or the one that makes that impossible to tell: its source has changed since it
 * was applied, or it is older than the newest record and has none. The Migrator runs only what is above the newest
 * record, and passes over the rest in silence. Records above the newest step are those of a newer program, beside which
 * this one goes on serving during a deploy.
 */
export const pendingSteps = (
  steps: ReadonlyArray<LoadedStep>,
  applied: ReadonlyArray<AppliedStep>
): Result.Result<ReadonlyArray<LoadedStep>, string> => {
  const records = new Map(applied.map((record) => [record.id, record]))
  const newest = Math.max(0, ...records.keys())
  const changed = steps.find((step) => isChanged(step, records.get(step.id)))
  if (changed !== undefined) {
    return Result.fail(`migrations: ${stepName(changed)} has changed since it was applied: its checksum does not match`)
  }
  const pending = steps.filter(({ id }) => !records.has(id))
  const late = pending.find(({ id }) => id < newest)
  return late === undefined
    ? Result.succeed(pending)
    : Result.fail(
        `migrations: ${stepName(late)} was never applied and is older than the newest one applied (${String(newest).padStart(4, "0")})`
      )
}

/** Where the way down ends: above the step of this number, or above the newest step but one. */
export type Target = number | "previous"

/** The records above the target, newest first; or why there is no such way. Number 0 is the base. */
export const stepsAbove = (
  applied: ReadonlyArray<AppliedStep>,
  target: Target
): Result.Result<ReadonlyArray<AppliedStep>, string> => {
  const newestFirst = applied.toReversed()
  if (target === "previous") return Result.succeed(newestFirst.slice(0, 1))
  return target === 0 || applied.some(({ id }) => id === target)
    ? Result.succeed(newestFirst.filter(({ id }) => id > target))
    : Result.fail(`migrations: ${String(target).padStart(4, "0")} is not applied, so there is no way down to it`)
}
