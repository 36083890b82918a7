import { Effect, Metric } from "effect"

/** A registry of metrics of the test's own. */
export const freshRegistry = Effect.provideServiceEffect(
  Metric.MetricRegistry,
  Effect.sync(() => new Map())
)
