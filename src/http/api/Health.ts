import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Checks, DatabaseReport } from "../../domain/Health.ts"
import { LimitByAddress } from "./Authorization.ts"
import { IsProbe } from "./Common.ts"

/** Readiness of a process that can take requests. Without Redis the status is `degraded`. */
export const Ready = Schema.Struct({
  status: Schema.Literals(["ready", "degraded"]).annotate({ description: "`degraded` if a dependency is unavailable" }),
  checks: Checks
}).annotate({
  identifier: "Ready",
  description: "Ready for requests",
  examples: [{ status: "ready", checks: { database: "ok", redis: "ok" } }]
})

/** Readiness of a process that cannot: a critical dependency is unavailable, or the process is shutting down. */
export class NotReady extends Schema.Error<NotReady>("NotReady")(
  Schema.Struct({
    status: Schema.Literals(["degraded", "draining"]).annotate({
      description: "`degraded` if a dependency is unavailable; `draining` during shutdown"
    }),
    checks: Checks
  }).annotate({
    identifier: "NotReady",
    examples: [{ status: "degraded", checks: { database: "error: unreachable", redis: "ok" } }]
  }),
  { httpApiStatus: 503, description: "Not ready for requests" }
) {}

const healthyReport = {
  status: "healthy",
  response_time_ms: 1.2,
  pool: { max: 20, total: 3, active: 1, idle: 2, waiting: 0 },
  migration: "0001_baseline",
  drift: "none",
  error: null
} as const

export class DatabaseUnhealthy extends Schema.Error<DatabaseUnhealthy>("DatabaseUnhealthy")(
  DatabaseReport.annotate({
    identifier: "DatabaseUnhealthy",
    examples: [{ ...healthyReport, status: "unhealthy", migration: null, drift: "unknown", error: "unreachable" }]
  }),
  { httpApiStatus: 503, description: "The database does not respond" }
) {}

export const version = Schema.String.annotate({ description: "Version of the service" })
export const uptime = Schema.Finite.annotate({ description: "Seconds since the process started" })

const Version = Schema.Struct({
  version,
  environment: Schema.String.annotate({ description: "`development`, `test`, `staging` or `production`" }),
  build_sha: Schema.String.annotate({ description: "Commit of the build; `dev` if not set" }),
  uptime_seconds: uptime,
  schema: Schema.NullOr(Schema.String).annotate({ description: "Latest applied migration; null if unknown" })
}).annotate({
  identifier: "Version",
  description: "Version of the service",
  examples: [
    {
      version: "1.2.3",
      environment: "production",
      build_sha: "3c5e25e",
      uptime_seconds: 86_400.5,
      schema: "0001_baseline"
    }
  ]
})

export const healthy = Schema.Literal("healthy").annotate({ description: "The process is running" })

export class HealthApi extends HttpApiGroup.make("Health")
  .add(
    HttpApiEndpoint.get("health", "/health", {
      success: Schema.Struct({ status: healthy }).annotate({
        identifier: "Healthy",
        description: "The process is running",
        examples: [{ status: "healthy" }]
      })
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Liveness",
        description: "Responds while the process runs. Checks neither Postgres nor Redis."
      })
    ),
    HttpApiEndpoint.get("ready", "/ready", { success: Ready, error: NotReady }).annotateMerge(
      OpenApi.annotations({
        summary: "Readiness",
        description: "Whether this process can take requests. Postgres is critical; Redis is not, unless configured so."
      })
    ),
    HttpApiEndpoint.get("version", "/version", { success: Version })
      .annotateMerge(
        OpenApi.annotations({ summary: "Version", description: "Version, build, uptime and latest migration." })
      )
      .annotate(IsProbe, false)
      .middleware(LimitByAddress),
    HttpApiEndpoint.get("database", "/health/db", {
      success: DatabaseReport.annotate({
        identifier: "DatabaseHealth",
        description: "The database responds",
        examples: [healthyReport]
      }),
      error: DatabaseUnhealthy
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Database health",
        description: "Round-trip time to Postgres, state of the connection pool, latest migration, and schema drift."
      })
    )
  )
  .annotate(IsProbe, true)
  .annotateMerge(OpenApi.annotations({ description: "Liveness, readiness, version and database health" })) {}
