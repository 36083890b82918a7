import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { IsProbe } from "./Common.ts"

const Limit = Schema.Struct({
  policy: Schema.String.annotate({ description: "As in the RateLimit headers" }),
  limit: Schema.Int,
  remaining: Schema.Int,
  reset_seconds: Schema.Int.annotate({ description: "Until all of the limit is there again, rounded up" }),
  window_seconds: Schema.Finite
}).annotate({ identifier: "Limit" })

export class V1ServiceApi extends HttpApiGroup.make("Service")
  .add(
    HttpApiEndpoint.get("healthz", "/healthz", {
      success: Schema.Struct({ status: Schema.Literal("ok"), buildSha: Schema.String }).annotate({
        identifier: "Healthz"
      })
    })
      .annotateMerge(
        OpenApi.annotations({ summary: "Liveness under /v1", description: "As /health, with the build that answers." })
      )
      .annotate(IsProbe, true),
    HttpApiEndpoint.get("limits", "/limits", {
      success: Schema.Struct({ limits: Schema.Array(Limit) }).annotate({ identifier: "Limits" })
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Rate limits of the caller",
        description: "What is left of each limit for whoever asks. To ask spends nothing. Empty where limits are off."
      })
    )
  )
  .prefix("/v1")
  .annotateMerge(OpenApi.annotations({ description: "The /v1 surface itself" })) {}
