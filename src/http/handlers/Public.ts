import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { About } from "../../services/About.ts"
import { Readiness } from "../../services/Readiness.ts"
import { Api } from "../api/Api.ts"
import { readinessOf } from "./Readiness.ts"

export const PublicHandlers = HttpApiBuilder.group(
  Api,
  "Public",
  Effect.fnUntraced(function* (handlers) {
    const about = yield* About
    const ready = readinessOf(yield* Readiness)
    return handlers.handleAll({
      health: () =>
        Effect.map(about.uptimeSeconds, (uptime_seconds) => ({
          status: "healthy" as const,
          version: about.version,
          uptime_seconds
        })),
      ready: () => ready
    })
  })
)
