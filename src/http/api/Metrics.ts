import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiMiddleware, HttpApiSchema, OpenApi } from "effect/http-api"
import { Unauthorized } from "../Errors.ts"
import { Common, IsProbe } from "./Common.ts"
import { Payload } from "./Payload.ts"

/** Prometheus's text format, as its scrapers ask for it. */
const Exposition = Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain; version=0.0.4; charset=utf-8" }))

/**
 * Requires `TBG_METRICS_TOKEN` as bearer token if it is set. It declares no security scheme, because the token is not
 * for callers of the API and would be in the document's list of credentials.
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
          description: "Metrics of the process in the text format of Prometheus. 404 if they are turned off."
        })
      )
      .middleware(ScrapeToken)
  )
  .annotate(IsProbe, true)
  .annotateMerge(OpenApi.annotations({ description: "Monitoring" })) {}

/** What is served unless it is turned off; an API of its own, so that it then is a path like any unknown one. */
export class MetricsApi extends HttpApi.make("tbg-metrics").add(OperationsApi).middleware(Payload).middleware(Common) {}
