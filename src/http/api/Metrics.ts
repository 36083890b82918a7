import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiMiddleware, HttpApiSchema, OpenApi } from "effect/http-api"
import { Unauthorized } from "../Errors.ts"
import { Common, IsProbe } from "./Common.ts"
import { Payload } from "./Payload.ts"

const Exposition = Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain; version=0.0.4; charset=utf-8" }))

/**
 * Requires `TBG_METRICS_TOKEN` as bearer token if it is set. It declares no security scheme, so that the OpenAPI
 * document does not list the token among the credentials of callers.
 */
export class ScrapeToken extends HttpApiMiddleware.Service<ScrapeToken>()("tbg-api/http/api/ScrapeToken", {
  error: Unauthorized
}) {}

class OperationsApi extends HttpApiGroup.make("Operations")
  .add(
    HttpApiEndpoint.get("metrics", "/metrics", { success: Exposition })
      .annotateMerge(
        OpenApi.annotations({
          summary: "Metrics",
          description: "Metrics of the process in the Prometheus text format. 404 if metrics are turned off."
        })
      )
      .middleware(ScrapeToken)
  )
  .annotate(IsProbe, true)
  .annotateMerge(OpenApi.annotations({ description: "Monitoring" })) {}

/** An API of its own, so that /metrics is an unknown path when metrics are turned off. */
export class MetricsApi extends HttpApi.make("tbg-metrics").add(OperationsApi).middleware(Payload).middleware(Common) {}
