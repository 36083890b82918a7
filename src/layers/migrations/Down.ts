import { Effect } from "effect"
import { onlyInOwnSchema } from "../../baseline/SearchPath.ts"
import { stepName, stepsAbove } from "./History.ts"
import type { AppliedStep, Target } from "./History.ts"
import { appliedSteps, removeRecord, requireOwnLedger } from "./Ledger.ts"
import { MigrationRefused } from "./MigrationRefused.ts"
import { leavingTheBaseline } from "./Run.ts"
import { downsOf } from "./Steps.ts"
import { inTurn } from "./Turn.ts"

const stepsTo = Effect.fnUntraced(function* (target: Target) {
  yield* requireOwnLedger
  const above = stepsAbove(yield* appliedSteps, target)
  return yield* Effect.mapError(Effect.fromResult(above), (message) => new MigrationRefused({ message }))
})

/** Migrations to roll back to reach `target`, newest first; fails if one cannot be rolled back. */
export const stepsDown = Effect.fnUntraced(function* (folder: string, target: Target) {
  const steps = yield* stepsTo(target)
  yield* downsOf(folder, steps)
  return steps.map(stepName)
})

const namesOf = (steps: ReadonlyArray<AppliedStep>): string => steps.map(stepName).join(" ")

/** Rolls back exactly these migrations, newest first, and removes their records, in one transaction. */
export const takeBack = (
  options: { readonly folder: string; readonly longestWait: number },
  names: ReadonlyArray<string>
) =>
  inTurn(
    Effect.gen(function* () {
      const newest = (yield* appliedSteps).toReversed().slice(0, names.length)
      if (namesOf(newest) !== names.join(" ")) {
        return yield* new MigrationRefused({
          message: "migrations: another process has changed the ledger meanwhile; nothing was changed, try again"
        })
      }
      const downs = yield* downsOf(options.folder, newest)
      const run = Effect.forEach(downs, ({ down, step }) => Effect.andThen(down, removeRecord(step.id)), {
        discard: true
      })
      return (yield* leavingTheBaseline(onlyInOwnSchema(run), () => false)).proof
    }),
    options.longestWait
  )
