import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Count } from "../../domain/Text.ts"
import { Invalid } from "../Errors.ts"
import { IsProbe } from "./Common.ts"

const Limit = Schema.Struct({
  policy: Schema.String.annotate({ description: "Name of the limit, as in the RateLimit headers" }),
  limit: Count.annotate({ description: "Requests allowed per window" }),
  remaining: Count.annotate({ description: "Requests left" }),
  reset_seconds: Count.annotate({ description: "Seconds until the full limit is available again, rounded up" }),
  window_seconds: Schema.Finite.annotate({ description: "Length of the window in seconds" })
}).annotate({ identifier: "Limit", description: "A rate limit of the caller" })

export class V1ServiceApi extends HttpApiGroup.make("Service")
  .add(
    HttpApiEndpoint.get("healthz", "/healthz", {
      success: Schema.Struct({
        status: Schema.Literal("ok").annotate({ description: "The process is running" }),
        buildSha: Schema.String.annotate({ description: "Commit of the build" })
      }).annotate({
        identifier: "Healthz",
        description: "The process is running",
        examples: [{ status: "ok", buildSha: "3c5e25e" }]
      })
    })
      .annotateMerge(
        OpenApi.annotations({ summary: "Liveness under /v1", description: "Like /health, with the build." })
      )
      .annotate(IsProbe, true),
    HttpApiEndpoint.get("limits", "/limits", {
      success: Schema.Struct({
        limits: Schema.Array(Limit).annotate({ description: "One for each policy that applies to the caller" })
      }).annotate({
        identifier: "Limits",
        description: "Rate limits of the caller",
        examples: [
          {
            limits: [
              { policy: "ip", limit: 100, remaining: 99, reset_seconds: 60, window_seconds: 60 },
              { policy: "key", limit: 60, remaining: 60, reset_seconds: 0, window_seconds: 60 }
            ]
          }
        ]
      }),
      error: Invalid
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Rate limits of the caller",
        description:
          "Requests left under each limit of the caller. This request is not counted. Empty if limits are off."
      })
    )
  )
  .prefix("/v1")
  .annotateMerge(OpenApi.annotations({ description: "Liveness and rate limits of /v1" })) {}
