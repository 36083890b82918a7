import { Effect, Metric } from "effect"
import { memoize } from "effect/Function"
import type { Decision, Policy } from "../../domain/RateLimit.ts"
import type { Labels } from "../../metrics/Counter.ts"

const decisionsOf = (attributes: Labels) =>
  Metric.counter("tbg_rate_limit_decisions_total", {
    description: "Rate-limit decisions, by policy, outcome and the store that counted the request",
    incremental: true,
    attributes
  })
const nearLimitOf = (attributes: Labels) =>
  Metric.counter("tbg_rate_limit_near_limit_total", {
    description: "Admitted requests that used at least 80% of their limit, by policy",
    incremental: true,
    attributes
  })
const fallbacksOf = (attributes: Labels) =>
  Metric.counter("tbg_rate_limit_fallbacks_total", {
    description: "Checks made in this process because Redis did not respond, by policy",
    incremental: true,
    attributes
  })
const latency = Metric.histogram("tbg_rate_limit_check_duration_seconds", {
  description: "Duration of a call to Redis, which may carry many checks",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1]
})
const breaker = Metric.gauge("tbg_rate_limit_breaker_open", {
  description: "Redis nodes with an open circuit breaker"
})

const nearLimit = 0.8

/** Metrics of the limiter. Each series is bound once, because `withAttributes` would build its labels per request. */
export const makeMetrics = Effect.map(Effect.context(), (context) => {
  const countersOf = memoize(({ name: policy }: Policy) => {
    const counter = (outcome: string, store: string) => {
      const metric = decisionsOf({ policy, outcome, store })
      return () => metric.updateUnsafe(1, context)
    }
    const nearMetric = nearLimitOf({ policy })
    const fallbackMetric = fallbacksOf({ policy })
    return {
      redis: { allowed: counter("allowed", "redis"), denied: counter("denied", "redis") },
      memory: { allowed: counter("allowed", "memory"), denied: counter("denied", "memory") },
      near: () => nearMetric.updateUnsafe(1, context),
      fallback: () => fallbackMetric.updateUnsafe(1, context)
    }
  })
  breaker.updateUnsafe(0, context)

  return {
    recordDecision: ({ allowed, policy, remaining, store }: Decision): void => {
      const counters = countersOf(policy)
      counters[store][allowed ? "allowed" : "denied"]()
      if (allowed && policy.limit - remaining >= nearLimit * policy.limit) counters.near()
    },
    recordFallback: (policy: Policy): void => countersOf(policy).fallback(),
    recordCall: (milliseconds: number): void => latency.updateUnsafe(milliseconds / 1000, context),
    setOpenBreakers: (open: number): void => breaker.updateUnsafe(open, context)
  }
})
