import { Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { About } from "../../services/About.ts"
import { Readiness } from "../../services/Readiness.ts"
import { Api } from "../api/Api.ts"
import { Matched } from "../api/Matched.ts"
import { lean } from "./Group.ts"
import { readinessOf } from "./Readiness.ts"

export const PublicHandlers = Layer.unwrap(
  Effect.gen(function* () {
    const { now, version } = yield* About
    const ready = readinessOf(yield* Readiness)
    const handlers = {
      health: () =>
        Effect.map(now, ({ uptimeSeconds }) => ({
          status: "healthy" as const,
          version,
          uptime_seconds: uptimeSeconds
        })),
      ready: () => ready
    }
    return lean(
      HttpApiBuilder.group(Api, "Public", (group) => group.handleAll(handlers)),
      Matched
    )
  })
)
