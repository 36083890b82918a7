import { Effect } from "effect"
import type { Difference } from "../../baseline/Difference.ts"
import { written } from "../../baseline/Proof.ts"
import type { Ran, RanStep } from "./Run.ts"

const logStep = ({ mode, name }: RanStep) => Effect.annotateLogs(Effect.logInfo(`migration ${mode}`), { step: name })

const logWarning = ({ found, object, problem, wanted }: Difference) =>
  Effect.logWarning(`baseline: ${object} is ${problem}`).pipe(Effect.annotateLogs({ object, problem, wanted, found }))

/** One line a step and one a warning; then the proof that the baseline's tables are what they were. */
export const logRan = Effect.fnUntraced(function* ({ proof, steps, warnings }: Ran) {
  yield* Effect.forEach(warnings, logWarning, { discard: true })
  yield* Effect.forEach(steps, logStep, { discard: true })
  if (proof === undefined) return
  const fields = { fingerprint_before: proof.before, fingerprint_after: proof.after, tables_written: written(proof) }
  yield* Effect.annotateLogs(Effect.logInfo("migrated"), fields)
})

const textOf = (differences: ReadonlyArray<Difference>): string => JSON.stringify(differences)

/** One line where the drift is another than it was; `undefined` is before the first look. */
export const logDrift = (before: ReadonlyArray<Difference> | undefined, now: ReadonlyArray<Difference>) => {
  if (textOf(before ?? []) === textOf(now)) return Effect.void
  return now.length === 0
    ? Effect.logInfo("the schema is as it should be again")
    : Effect.annotateLogs(Effect.logWarning("the schema has drifted"), {
        objects: now.map(({ object, problem }) => `${object} is ${problem}`)
      })
}
