import { Context, Effect, Layer } from "effect"
import { memoize } from "effect/Function"
import { wholeSeconds } from "../../domain/RateLimit.ts"
import type { Decision, Policy } from "../../domain/RateLimit.ts"
import type { ApiKeyId } from "../../domain/ApiKey.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { RateLimiter } from "../../services/RateLimiter.ts"
import { addToReport, RequestContext } from "../api/RequestContext.ts"
import type { RequestFacts } from "../api/RequestContext.ts"
import { RateLimited } from "../Errors.ts"
import { limitKeyOf } from "./ClientAddress.ts"

type PolicyName = "ip" | "key" | "auth"

/** The configured limits (contract section 5). */
export const policiesOf = (limits: AppConfig["Service"]["rateLimit"]): Readonly<Record<PolicyName, Policy>> => {
  const window = { windowMicros: Math.round(limits.windowSeconds * 1_000_000) }
  return {
    ip: { name: "ip", limit: limits.requests, ...window },
    key: { name: "key", limit: limits.keyRequests, ...window },
    auth: { name: "auth", limit: limits.authFailureLimit, windowMicros: 60_000_000 }
  }
}

/** Rate limits of requests, by policy and by the request's API key or client address. */
export class RateLimits extends Context.Service<
  RateLimits,
  {
    /** Counts the request by API key, or by client address without one, and reports the decision. */
    readonly admit: (policy: PolicyName, key?: ApiKeyId) => Effect.Effect<void, RateLimited>
    /** Reads the remaining requests without counting one. Undefined if limits are off. */
    readonly read: (policy: PolicyName, key?: ApiKeyId) => Effect.Effect<Decision | undefined>
  }
>()("tbg-api/http/RateLimits") {
  static readonly layer = Layer.effect(
    RateLimits,
    Effect.gen(function* () {
      const { rateLimit } = yield* AppConfig
      const limiter = yield* RateLimiter
      const policies = policiesOf(rateLimit)
      if (rateLimit.mode === "off") return { admit: () => Effect.void, read: () => Effect.succeed(undefined) }

      const logShadow = ({ clientAddress, id }: RequestFacts, { name }: Policy) =>
        Effect.annotateLogs(Effect.logInfo("rate limit exceeded; request admitted in shadow mode"), {
          policy: name,
          client_address: clientAddress,
          request_id: id
        })

      const decide = (context: RequestFacts, limit: Decision): Effect.Effect<void, RateLimited> => {
        addToReport(context, { limit })
        if (limit.allowed) return Effect.void
        return rateLimit.mode === "enforce" ? Effect.fail(new RateLimited()) : logShadow(context, limit.policy)
      }
      const admit = (policy: PolicyName, key?: ApiKeyId) =>
        Effect.flatMap(RequestContext, (context) =>
          Effect.flatMap(limiter.check(policies[policy], key ?? limitKeyOf(context.clientAddress)), (limit) =>
            decide(context, limit)
          )
        )
      const read = (policy: PolicyName, key?: ApiKeyId) =>
        Effect.flatMap(RequestContext, ({ clientAddress }) =>
          limiter.peek(policies[policy], key ?? limitKeyOf(clientAddress))
        )
      return { admit, read }
    })
  )
}

type LimitHeaders = Readonly<Record<string, string>>

const fixedHeaders = memoize(({ limit, name, windowMicros }: Policy): LimitHeaders => ({
  "x-ratelimit-limit": String(limit),
  "ratelimit-policy": `"${name}";q=${limit};w=${wholeSeconds(windowMicros)}`
}))

/** Headers `X-RateLimit-*` and those of IETF draft 11. Seconds are rounded up, so that waiting is long enough. */
export const rateLimitHeaders = (
  { policy, remaining, resetMicros, retryMicros }: Decision,
  status: number
): LimitHeaders => {
  const left = String(remaining)
  const reset = String(wholeSeconds(resetMicros))
  const headers = {
    ...fixedHeaders(policy),
    "x-ratelimit-remaining": left,
    "x-ratelimit-reset": reset,
    ratelimit: `"${policy.name}";r=${left};t=${reset}`
  }
  return status === 429 ? { ...headers, "retry-after": String(wholeSeconds(Math.max(1, retryMicros))) } : headers
}
