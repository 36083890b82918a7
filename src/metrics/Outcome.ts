import { Cause, Exit } from "effect"
import type { Context, Metric } from "effect"
import type { Labels } from "./Counter.ts"

/** Outcome of a call to a dependency; `interrupted` if its caller gave up. */
export type Outcome = "ok" | "error" | "interrupted"

export const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome => {
  if (Exit.isSuccess(exit)) return "ok"
  return Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "error"
}

/** Histogram boundaries in seconds, up to the statement timeout. */
export const boundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Functions that record a duration in milliseconds, by outcome. Each series is its own metric, as in `makeCounter`. */
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
