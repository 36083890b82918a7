import { Effect, Metric } from "effect"

/** Provides a separate metric registry. */
export const freshRegistry = Effect.provideServiceEffect(
  Metric.MetricRegistry,
  Effect.sync(() => new Map())
)
