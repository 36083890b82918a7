import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { About } from "../../services/About.ts"
import { Api } from "../api/Api.ts"

export const V1HealthHandlers = HttpApiBuilder.group(
  Api,
  "Service",
  Effect.fnUntraced(function* (handlers) {
    const { buildSha } = yield* About
    return handlers.handleAll({ healthz: () => Effect.succeed({ status: "ok" as const, buildSha }) })
  })
)
