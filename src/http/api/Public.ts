import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { healthy, NotReady, Ready, uptime, version } from "./Health.ts"
import { IsProbe } from "./Common.ts"

/** Health checks for the dashboard and uptime monitors. */
export class PublicApi extends HttpApiGroup.make("Public")
  .add(
    HttpApiEndpoint.get("health", "/health", {
      success: Schema.Struct({ status: healthy, version, uptime_seconds: uptime }).annotate({
        identifier: "PublicHealth",
        description: "The process is running",
        examples: [{ status: "healthy", version: "1.2.3", uptime_seconds: 86_400.5 }]
      })
    }).annotateMerge(
      OpenApi.annotations({ summary: "Public liveness", description: "Like /health, with the version." })
    ),
    HttpApiEndpoint.get("ready", "/health/ready", { success: Ready, error: NotReady }).annotateMerge(
      OpenApi.annotations({ summary: "Public readiness", description: "Like /ready." })
    )
  )
  .prefix("/api/v1/public")
  .annotate(IsProbe, true)
  .annotateMerge(OpenApi.annotations({ description: "Public health checks" })) {}
