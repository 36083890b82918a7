import { Schema } from "effect"
import {
  HttpApi,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiMiddleware,
  HttpApiSchema,
  HttpApiSecurity
} from "effect/http-api"
import { OpenApi } from "effect/http-api"
import { Unauthorized } from "../Errors.ts"
import { Common, IsProbe } from "./Common.ts"
import { Payload } from "./Payload.ts"

/** Prometheus's text format, as its scrapers ask for it. */
const Exposition = Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain; version=0.0.4; charset=utf-8" }))

/** On endpoints for monitoring: where `TBG_METRICS_TOKEN` is set, it wants that as bearer token. */
export class ScrapeToken extends HttpApiMiddleware.Service<ScrapeToken>()("tbg-api/http/api/ScrapeToken", {
  security: {
    scrape: HttpApiSecurity.bearer.pipe(
      HttpApiSecurity.annotateMerge(
        OpenApi.annotations({ description: "The token of monitoring; none is wanted where none is configured" })
      )
    )
  },
  error: Unauthorized
}) {}

class OperationsApi extends HttpApiGroup.make("Operations")
  .add(
    HttpApiEndpoint.get("metrics", "/metrics", { success: Exposition })
      .annotateMerge(
        OpenApi.annotations({
          summary: "Metrics",
          description: "What the process has measured, in the text format of Prometheus. 404 where it is turned off."
        })
      )
      .middleware(ScrapeToken)
  )
  .annotate(IsProbe, true)
  .annotateMerge(OpenApi.annotations({ description: "What monitoring reads" })) {}

/** What is served unless it is turned off; an API of its own, so that it then is a path like any unknown one. */
export class MetricsApi extends HttpApi.make("tbg-metrics").add(OperationsApi).middleware(Payload).middleware(Common) {}
