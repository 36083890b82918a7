import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Checks, DatabaseReport } from "../../domain/Health.ts"
import { LimitByAddress } from "./Authorization.ts"
import { IsProbe } from "./Common.ts"

/** Readiness while the service takes requests. Redis is not critical: without it the status is `degraded`. */
export const Ready = Schema.Struct({ status: Schema.Literals(["ready", "degraded"]), checks: Checks }).annotate({
  identifier: "Ready"
})

/** Readiness while requests should go elsewhere: what is critical does not answer, or the process is about to end. */
export class NotReady extends Schema.Error<NotReady>("NotReady")(
  { status: Schema.Literals(["degraded", "draining"]), checks: Checks },
  { httpApiStatus: 503, identifier: "NotReady" }
) {}

export class DatabaseUnhealthy extends Schema.Error<DatabaseUnhealthy>("DatabaseUnhealthy")(DatabaseReport.fields, {
  httpApiStatus: 503,
  identifier: "DatabaseUnhealthy"
}) {}

const Version = Schema.Struct({
  version: Schema.String,
  environment: Schema.String,
  build_sha: Schema.String,
  uptime_seconds: Schema.Finite,
  schema: Schema.NullOr(Schema.String).annotate({ description: "The newest applied migration; null when not known" })
}).annotate({ identifier: "Version" })

export class HealthApi extends HttpApiGroup.make("Health")
  .add(
    HttpApiEndpoint.get("health", "/health", {
      success: Schema.Struct({ status: Schema.Literal("healthy") }).annotate({ identifier: "Healthy" })
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Liveness",
        description: "Answers while the process does. Touches neither Postgres nor Redis."
      })
    ),
    HttpApiEndpoint.get("ready", "/ready", { success: Ready, error: NotReady }).annotateMerge(
      OpenApi.annotations({
        summary: "Readiness",
        description: "Whether requests should come here. Postgres is critical; Redis is not, unless configured so."
      })
    ),
    HttpApiEndpoint.get("version", "/version", { success: Version })
      .annotateMerge(
        OpenApi.annotations({ summary: "Version", description: "What runs here, since when, on which schema." })
      )
      .annotate(IsProbe, false)
      .middleware(LimitByAddress),
    HttpApiEndpoint.get("database", "/health/db", {
      success: DatabaseReport.annotate({ identifier: "DatabaseHealth" }),
      error: DatabaseUnhealthy
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Database health",
        description:
          "A round trip to Postgres, the pool's figures, the newest migration and whether the schema drifted."
      })
    )
  )
  .annotate(IsProbe, true)
  .annotateMerge(OpenApi.annotations({ description: "Liveness, readiness, version and database health" })) {}
