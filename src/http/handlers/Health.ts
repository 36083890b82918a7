import { Effect, Layer } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { About } from "../../services/About.ts"
import { DatabaseHealth } from "../../services/DatabaseHealth.ts"
import { Readiness } from "../../services/Readiness.ts"
import { Api } from "../api/Api.ts"
import { DatabaseUnhealthy } from "../api/Health.ts"
import { Limited } from "../api/Limited.ts"
import { Matched } from "../api/Matched.ts"
import { lean } from "./Group.ts"
import { readinessOf } from "./Readiness.ts"

/** Made once: it never says anything else. */
const healthy = Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "healthy" }))

export const HealthHandlers = Layer.unwrap(
  Effect.gen(function* () {
    const about = yield* About
    const database = yield* DatabaseHealth
    const ready = readinessOf(yield* Readiness)
    const { buildSha: build_sha, environment, version } = about
    const handlers = {
      health: () => healthy,
      ready: () => ready,
      version: () =>
        Effect.map(about.now, ({ schema, uptimeSeconds }) => ({
          version,
          environment,
          build_sha,
          uptime_seconds: uptimeSeconds,
          schema
        })),
      database: () =>
        Effect.flatMap(database.report, (report) =>
          report.status === "healthy" ? Effect.succeed(report) : Effect.fail(new DatabaseUnhealthy(report))
        )
    }
    return lean(
      HttpApiBuilder.group(Api, "Health", (group) => group.handleAll(handlers)),
      Limited,
      Matched
    )
  })
)
