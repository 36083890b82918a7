import { Effect, Metric } from "effect"
import type { PoolFigures } from "../../domain/Health.ts"
import type { Labels } from "../../metrics/Counter.ts"
import { observeGauges } from "../../metrics/Observed.ts"
import { boundaries, byOutcome } from "../../metrics/Outcome.ts"

const gauges = {
  max: Metric.gauge("tbg_db_pool_max", { description: "Maximum number of open sessions" }),
  // `total` is a suffix of counters.
  total: Metric.gauge("tbg_db_pool_size", { description: "Open sessions" }),
  active: Metric.gauge("tbg_db_pool_active", { description: "Sessions with at least one caller" }),
  idle: Metric.gauge("tbg_db_pool_idle", { description: "Open sessions without a caller" }),
  waiting: Metric.gauge("tbg_db_pool_waiting", { description: "Callers waiting for a session" })
}
const acquire = Metric.histogram("tbg_db_pool_acquire_seconds", {
  description: "Wait for a session, including failed waits",
  boundaries
})
const queryOf = (attributes: Labels) =>
  Metric.histogram("tbg_db_query_duration_seconds", {
    description: "Duration of statements, by outcome, excluding streams and probes",
    boundaries,
    attributes
  })

/** Exposes the figures of the pool; returns a function that records a wait for a session, in milliseconds. */
export const makePoolMetrics = Effect.fnUntraced(function* (figures: () => PoolFigures) {
  const context = yield* Effect.context()
  yield* observeGauges(gauges, figures)
  return { recordWait: (milliseconds: number): void => acquire.updateUnsafe(milliseconds / 1000, context) }
})

/** Records the duration of a statement in milliseconds, by its outcome. */
export const queryMetrics = Effect.map(Effect.context(), (context) => byOutcome(queryOf, context))
