import { Context, Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { wholeSeconds } from "../../domain/RateLimit.ts"
import { About } from "../../services/About.ts"
import { Api } from "../api/Api.ts"
import { Matched } from "../api/Matched.ts"
import { Callers } from "../middleware/Callers.ts"
import { Limits } from "../middleware/Limits.ts"
import { CurrentRequest } from "../middleware/RequestInfo.ts"
import { lean } from "./Group.ts"

export const V1Handlers = Layer.unwrap(
  Effect.gen(function* () {
    const { buildSha } = yield* About
    const { identify } = yield* Callers
    const { standing } = yield* Limits
    // A bad key is one more failure of its address here too; but no limit is this route's, and so none is in its
    // headers.
    const identified = Effect.andThen(
      Effect.ignore(identify),
      Effect.withFiber((fiber) => {
        Context.getUnsafe(fiber.context, CurrentRequest).limit = undefined
        return Effect.void
      })
    )
    const limits = Effect.map(Effect.andThen(identified, standing), (decisions) => ({
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
