import { Effect, Metric } from "effect"

export type Labels = Readonly<Record<string, string>>

/**
 * Creates a counter series at 0, so that it exists before the first event, and returns a function that adds to it. Each
 * series is its own metric, because `withAttributes` would rebuild the labels at each update.
 */
export const makeCounter = (id: string, description: string, labels: Labels = {}) =>
  Effect.map(Effect.context(), (context) => {
    const counter = Metric.counter(id, { description, incremental: true, attributes: labels })
    counter.updateUnsafe(0, context)
    return (count: number): void => counter.updateUnsafe(count, context)
  })
