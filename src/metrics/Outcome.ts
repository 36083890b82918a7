import { Cause, Exit } from "effect"
import type { Context, Metric } from "effect"
import type { Labels } from "./Counter.ts"

/** How a call of a dependency ended: answered, failed, or given up by its caller. */
export type Outcome = "ok" | "error" | "interrupted"

export const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome => {
  if (Exit.isSuccess(exit)) return "ok"
  return Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "error"
}

/** From half a millisecond, as of a server nearby, to the longest that a statement may take. */
export const boundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Updates of a histogram by outcome, in milliseconds; each is a metric of its own, as `beginCounter` says. */
export const byOutcome = (
  histogramOf: (attributes: Labels) => Metric.Histogram<number>,
  context: Context.Context<never>,
  labels: Labels = {}
): Readonly<Record<Outcome, (milliseconds: number) => void>> => {
  const bind = (outcome: Outcome) => {
    const metric = histogramOf({ ...labels, outcome })
    return (milliseconds: number) => metric.updateUnsafe(milliseconds / 1000, context)
  }
  return { ok: bind("ok"), error: bind("error"), interrupted: bind("interrupted") }
}
