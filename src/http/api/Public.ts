import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { NotReady, Ready } from "./Health.ts"
import { IsProbe } from "./Common.ts"

/** Health for callers outside: the dashboard and its uptime checks. */
export class PublicApi extends HttpApiGroup.make("Public")
  .add(
    HttpApiEndpoint.get("health", "/health", {
      success: Schema.Struct({
        status: Schema.Literal("healthy"),
        version: Schema.String,
        uptime_seconds: Schema.Finite
      }).annotate({ identifier: "PublicHealth" })
    }).annotateMerge(
      OpenApi.annotations({ summary: "Public liveness", description: "As /health, with the version that answers." })
    ),
    HttpApiEndpoint.get("ready", "/health/ready", { success: Ready, error: NotReady }).annotateMerge(
      OpenApi.annotations({ summary: "Public readiness", description: "As /ready." })
    )
  )
  .prefix("/api/v1/public")
  .annotate(IsProbe, true)
  .annotateMerge(OpenApi.annotations({ description: "Health as callers outside see it" })) {}
