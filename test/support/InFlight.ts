import { Effect, Metric } from "effect"

/** What the gauge says; a list, as there is none before the first request. */
export const inFlight = Effect.map(Metric.snapshot, (metrics) =>
  metrics.flatMap(({ id, state }) =>
    id === "http_requests_in_flight" && "value" in state ? [Number(state.value)] : []
  )
)
