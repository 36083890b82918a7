import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { About } from "../../services/About.ts"
import { DatabaseHealth } from "../../services/DatabaseHealth.ts"
import { Readiness } from "../../services/Readiness.ts"
import { Api } from "../api/Api.ts"
import { DatabaseUnhealthy } from "../api/Health.ts"
import { readinessOf } from "./Readiness.ts"

const healthy = Effect.succeed({ status: "healthy" } as const)

export const HealthHandlers = HttpApiBuilder.group(
  Api,
  "Health",
  Effect.fnUntraced(function* (handlers) {
    const about = yield* About
    const database = yield* DatabaseHealth
    const ready = readinessOf(yield* Readiness)
    return handlers.handleAll({
      health: () => healthy,
      ready: () => ready,
      version: () =>
        Effect.all({ uptime_seconds: about.uptimeSeconds, schema: about.schema }).pipe(
          Effect.map((moving) => ({
            version: about.version,
            environment: about.environment,
            build_sha: about.buildSha,
            ...moving
          }))
        ),
      database: () =>
        Effect.flatMap(database.report, (report) =>
          report.status === "healthy" ? Effect.succeed(report) : Effect.fail(new DatabaseUnhealthy(report))
        )
    })
  })
)
