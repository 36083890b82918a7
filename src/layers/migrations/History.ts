import { Result, Schema } from "effect"

/** A step, as its file or its record in the ledger tells it; the name is what follows the number. */
export const Step = Schema.Struct({ id: Schema.Int, name: Schema.String })
export type Step = typeof Step.Type

/** `NNNN_name`, as files, records and people call it. */
export const stepName = ({ id, name }: Step): string => `${String(id).padStart(4, "0")}_${name}`

const stepFile = /^(?!0000)(\d{4})_([a-z0-9]+(?:_[a-z0-9]+)*)\.(?:ts|js)$/

/** Files that no one takes for a migration: hidden ones and the bundler's source maps. */
const isIgnored = (file: string): boolean => file.startsWith(".") || file.endsWith(".map")

/**
 * The steps that a folder holds, by number; or what is wrong with it. The Migrator itself passes over a badly named
 * file in silence.
 */
export const stepsOf = (files: ReadonlyArray<string>): Result.Result<ReadonlyArray<Step>, string> => {
  const steps: Array<Step> = []
  for (const file of files.filter((file) => !isIgnored(file)).toSorted()) {
    const [, digits, name] = stepFile.exec(file) ?? []
    if (digits === undefined || name === undefined) {
      return Result.fail(`migrations: ${file} is badly named: wanted NNNN_verb_noun.ts, from 0001 on, in small letters`)
    }
    const step = { id: Number(digits), name }
    const previous = steps.at(-1)
    if (previous?.id === step.id) {
      return Result.fail(`migrations: ${stepName(previous)} and ${stepName(step)} have the same number`)
    }
    steps.push(step)
  }
  return Result.succeed(steps)
}

/**
 * The steps that are still to be run; or the one that never can be. The Migrator runs only those above the newest
 * record, and passes over an older one in silence. Records above the newest step are those of a newer program, beside
 * which this one goes on serving during a deploy.
 */
export const pendingSteps = (
  steps: ReadonlyArray<Step>,
  applied: ReadonlyArray<Step>
): Result.Result<ReadonlyArray<Step>, string> => {
  const known = new Set(applied.map(({ id }) => id))
  const newest = Math.max(0, ...known)
  const pending = steps.filter(({ id }) => !known.has(id))
  const late = pending.find(({ id }) => id < newest)
  return late === undefined
    ? Result.succeed(pending)
    : Result.fail(
        `migrations: ${stepName(late)} was never applied and is older than the newest one applied (${String(newest).padStart(4, "0")})`
      )
}
