import { Context, Effect, Layer } from "effect"
import { memoize } from "effect/Function"
import { wholeSeconds } from "../../domain/RateLimit.ts"
import type { Decision, Policy } from "../../domain/RateLimit.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { RateLimiter } from "../../services/RateLimiter.ts"
import { addToReport, RequestContext } from "../api/RequestContext.ts"
import type { RequestFacts } from "../api/RequestContext.ts"
import { RateLimited } from "../Errors.ts"
import { limitKeyOf } from "./ClientAddress.ts"

type PolicyName = "ip" | "key" | "auth" | "session" | "signin" | "signin-client"

const minute = { windowMicros: 60_000_000 }

/** Requests of a session per minute. */
const sessionRequests = 300

/** Attempts to sign in from one client address, as a multiple of those with one Bitcoin address. */
const signInFactor = 3

/** The configured limits (contract section 5). */
export const policiesOf = ({
  rateLimit: limits,
  signIn
}: Pick<AppConfig["Service"], "rateLimit" | "signIn">): Readonly<Record<PolicyName, Policy>> => {
  const window = { windowMicros: Math.round(limits.windowSeconds * 1_000_000) }
  return {
    ip: { name: "ip", limit: limits.requests, ...window },
    key: { name: "key", limit: limits.keyRequests, ...window },
    auth: { name: "auth", limit: limits.authFailureLimit, ...minute },
    session: { name: "session", limit: sessionRequests, ...minute },
    signin: { name: "signin", limit: signIn.limit, ...minute },
    // The same policy to callers, with keys of other forms.
    "signin-client": { name: "signin", limit: signIn.limit * signInFactor, ...minute }
  }
}

/** Rate limits of requests, by policy and by the request's API key or client address. */
export class RateLimits extends Context.Service<
  RateLimits,
  {
    /** Counts the request by its key, or by client address without one, and reports the decision. */
    readonly admit: (policy: PolicyName, key?: string) => Effect.Effect<void, RateLimited>
    /** Counts an attempt to sign in by client address. Challenges and proofs are counted apart. */
    readonly admitAttempt: (attempt: string) => Effect.Effect<void, RateLimited>
    /** Reads the remaining requests without counting one. Undefined if limits are off. */
    readonly read: (policy: PolicyName, key?: string) => Effect.Effect<Decision | undefined>
  }
>()("tbg-api/http/RateLimits") {
  static readonly layer = Layer.effect(
    RateLimits,
    Effect.gen(function* () {
      const config = yield* AppConfig
      const { rateLimit } = config
      const limiter = yield* RateLimiter
      const policies = policiesOf(config)
      if (rateLimit.mode === "off") {
        return { admit: () => Effect.void, admitAttempt: () => Effect.void, read: () => Effect.succeed(undefined) }
      }

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
      const admit = (policy: PolicyName, key?: string) =>
        Effect.flatMap(RequestContext, (context) =>
          Effect.flatMap(limiter.check(policies[policy], key ?? limitKeyOf(context.clientAddress)), (limit) =>
            decide(context, limit)
          )
        )
      const read = (policy: PolicyName, key?: string) =>
        Effect.flatMap(RequestContext, ({ clientAddress }) =>
          limiter.peek(policies[policy], key ?? limitKeyOf(clientAddress))
        )
      const admitAttempt = (attempt: string) =>
        Effect.flatMap(RequestContext, ({ clientAddress }) =>
          admit("signin-client", `${attempt} ${limitKeyOf(clientAddress)}`)
        )
      return { admit, admitAttempt, read }
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
