import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { About } from "../../services/About.ts"
import { Api } from "../api/Api.ts"
import { readiness } from "./Health.ts"

export const PublicHandlers = HttpApiBuilder.group(
  Api,
  "Public",
  Effect.fnUntraced(function* (group) {
    const { now, version } = yield* About
    return group.handleAll({
      health: Effect.fnUntraced(function* () {
        const { uptimeSeconds } = yield* now
        return { status: "healthy" as const, version, uptime_seconds: uptimeSeconds }
      }),
      ready: yield* readiness
    })
  })
)
