import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { PrometheusMetrics } from "effect/observability"
import { MetricsApi } from "../api/Metrics.ts"

/** Shows the registry that is in scope where it is made: a request's own context has none. */
export const MetricsHandlers = HttpApiBuilder.group(MetricsApi, "Operations", (group) =>
  Effect.flatMap(Effect.context(), (context) =>
    Effect.succeed(group.handleAll({ metrics: () => Effect.sync(() => PrometheusMetrics.formatUnsafe(context)) }))
  )
)
