import { Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { About } from "../../services/About.ts"
import { Api } from "../api/Api.ts"
import { lean } from "./Group.ts"

export const V1HealthHandlers = Layer.unwrap(
  Effect.gen(function* () {
    const { buildSha } = yield* About
    const handlers = { healthz: () => Effect.succeed({ status: "ok" as const, buildSha }) }
    return lean(HttpApiBuilder.group(Api, "Service", (group) => group.handleAll(handlers)))
  })
)
