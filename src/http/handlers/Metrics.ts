import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { PrometheusMetrics } from "effect/observability"
import { MetricsApi } from "../api/Metrics.ts"

/** Formats the metrics of the context in which the layer is built, because requests have no metric registry. */
export const MetricsHandlers = HttpApiBuilder.group(MetricsApi, "Operations", (group) =>
  Effect.flatMap(Effect.context(), (context) =>
    Effect.succeed(group.handleAll({ metrics: () => Effect.sync(() => PrometheusMetrics.formatUnsafe(context)) }))
  )
)
