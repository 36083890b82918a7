import { Effect, Metric } from "effect"

export type Labels = Readonly<Record<string, string>>

/** Starts a counter series at 0. Each is its own metric, because `withAttributes` would rebuild labels at each update. */
export const makeCounter = (id: string, description: string, labels: Labels = {}) =>
  Effect.map(Effect.context(), (context) => {
    const counter = Metric.counter(id, { description, incremental: true, attributes: labels })
    counter.updateUnsafe(0, context)
    return (count: number): void => counter.updateUnsafe(count, context)
  })
