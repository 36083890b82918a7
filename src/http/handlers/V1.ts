import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { wholeSeconds } from "../../domain/RateLimit.ts"
import type { Decision } from "../../domain/RateLimit.ts"
import { About } from "../../services/About.ts"
import { Api } from "../api/Api.ts"
import { Callers } from "../middleware/Callers.ts"

const limitOf = ({ policy, remaining, resetMicros }: Decision) => ({
  policy: policy.name,
  limit: policy.limit,
  remaining,
  reset_seconds: wholeSeconds(resetMicros),
  window_seconds: policy.windowMicros / 1_000_000
})

export const V1Handlers = HttpApiBuilder.group(
  Api,
  "Service",
  Effect.fnUntraced(function* (group) {
    const { buildSha } = yield* About
    const callers = yield* Callers
    return group.handleAll({
      healthz: () => Effect.succeed({ status: "ok" as const, buildSha }),
      limits: Effect.fnUntraced(function* () {
        const decisions = yield* callers.remaining
        return { limits: decisions.map(limitOf) }
      })
    })
  })
)
