import { Effect, Metric } from "effect"

/** What a series is told apart by. */
export type Labels = Readonly<Record<string, string>>

/**
 * Begins a series of a counter at 0, so that what has not happened is not missing; gives what adds to it. Each series
 * is a metric of its own, as those that `withAttributes` makes share one, which puts its labels together again each
 * time.
 */
export const beginCounter = (id: string, description: string, labels: Labels = {}) =>
  Effect.map(Effect.context(), (context) => {
    const counter = Metric.counter(id, { description, incremental: true, attributes: labels })
    counter.updateUnsafe(0, context)
    return (count: number): void => counter.updateUnsafe(count, context)
  })
