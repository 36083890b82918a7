import { Effect, Metric } from "effect"
import { memoize } from "effect/Function"
import type { Decision, Policy } from "../../domain/RateLimit.ts"
import type { Labels } from "../../metrics/Counter.ts"

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
  const counter = (id: string, description: string) => (attributes: Labels) => {
    const metric = Metric.counter(id, { description, incremental: true, attributes })
    return () => metric.updateUnsafe(1, context)
  }
  const countDecision = counter(
    "tbg_rate_limit_decisions_total",
    "Rate-limit decisions, by policy, outcome and the store that counted the request"
  )
  const countNearLimit = counter(
    "tbg_rate_limit_near_limit_total",
    "Admitted requests that used at least 80% of their limit, by policy"
  )
  const countFallback = counter(
    "tbg_rate_limit_fallbacks_total",
    "Checks made in this process because Redis did not respond, by policy"
  )
  const countersOf = memoize(({ name: policy }: Policy) => {
    const countersIn = (store: string) => ({
      allowed: countDecision({ policy, outcome: "allowed", store }),
      denied: countDecision({ policy, outcome: "denied", store })
    })
    return {
      redis: countersIn("redis"),
      memory: countersIn("memory"),
      near: countNearLimit({ policy }),
      fallback: countFallback({ policy })
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
