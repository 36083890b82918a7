import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { About } from "../../services/About.ts"
import { DatabaseHealth } from "../../services/DatabaseHealth.ts"
import { Readiness } from "../../services/Readiness.ts"
import { Api } from "../api/Api.ts"
import { DatabaseUnhealthy, NotReady } from "../api/Health.ts"

/** Handler of readiness endpoints: 503 while the process cannot take requests. */
export const readiness = Effect.map(Readiness, ({ report }) =>
  Effect.fnUntraced(function* () {
    const { checks, ready, status } = yield* report
    return ready ? { status, checks } : yield* new NotReady({ status, checks })
  })
)

export const HealthHandlers = HttpApiBuilder.group(
  Api,
  "Health",
  Effect.fnUntraced(function* (group) {
    const { buildSha, environment, now, version } = yield* About
    const database = yield* DatabaseHealth
    return group.handleAll({
      health: () => Effect.succeed({ status: "healthy" as const }),
      ready: yield* readiness,
      version: Effect.fnUntraced(function* () {
        const { schema, uptimeSeconds } = yield* now
        return { version, environment, build_sha: buildSha, uptime_seconds: uptimeSeconds, schema }
      }),
      database: Effect.fnUntraced(function* () {
        const report = yield* database.report
        return report.status === "healthy" ? report : yield* new DatabaseUnhealthy(report)
      })
    })
  })
)
