import { Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { wholeSeconds } from "../../domain/RateLimit.ts"
import { About } from "../../services/About.ts"
import { Api } from "../api/Api.ts"
import { Matched } from "../api/Matched.ts"
import { Callers } from "../middleware/Callers.ts"
import { lean } from "./Group.ts"

export const V1Handlers = Layer.unwrap(
  Effect.gen(function* () {
    const { buildSha } = yield* About
    const { standing } = yield* Callers
    const limits = Effect.map(standing, (decisions) => ({
      limits: decisions.map(({ policy, remaining, resetMicros }) => ({
        policy: policy.name,
        limit: policy.limit,
        remaining,
        reset_seconds: wholeSeconds(resetMicros),
        window_seconds: policy.windowMicros / 1_000_000
      }))
    }))
    const handlers = { healthz: () => Effect.succeed({ status: "ok" as const, buildSha }), limits: () => limits }
    return lean(
      HttpApiBuilder.group(Api, "Service", (group) => group.handleAll(handlers)),
      Matched
    )
  })
)
