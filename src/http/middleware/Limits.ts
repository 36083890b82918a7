import { Context, Effect, Layer } from "effect"
import { memoize } from "effect/Function"
import { wholeSeconds } from "../../domain/RateLimit.ts"
import type { Decision, Policy } from "../../domain/RateLimit.ts"
import type { ApiKeyId } from "../../domain/ApiKey.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { RateLimiter } from "../../services/RateLimiter.ts"
import { RateLimited } from "../Errors.ts"
import { limitKeyOf } from "./ClientAddress.ts"
import { CurrentRequest } from "./RequestInfo.ts"
import type { RequestInfo } from "./RequestInfo.ts"

type PolicyName = "ip" | "key" | "auth"
type Policies = Readonly<Record<PolicyName, Policy>>

/** The limits that are configured (contract section 5). */
export const policiesOf = (limits: AppConfig["Service"]["rateLimit"]): Policies => {
  const window = { windowMicros: Math.round(limits.windowSeconds * 1_000_000) }
  return {
    ip: { name: "ip", limit: limits.requests, ...window },
    key: { name: "key", limit: limits.keyRequests, ...window },
    auth: { name: "auth", limit: limits.authFailureLimit, windowMicros: 60_000_000 }
  }
}

/** Rate-limit key of a request: its API key if the policy counts by key, else the client address. */
const keyOf = (policy: PolicyName, { caller, clientAddress }: RequestInfo): string =>
  policy === "key" && caller !== undefined ? caller.keyId : limitKeyOf(clientAddress)

/** Remaining requests of each limit; empty if limits are off. */
export interface Standing {
  readonly ofAddress: ReadonlyArray<Decision>
  readonly ofKey: ReadonlyArray<Decision>
}

type Admit = <A, E, R>(handler: Effect.Effect<A, E, R>) => Effect.Effect<A, E | RateLimited, R>

/** The limiter as HTTP knows it: by policy and request. */
export class Limits extends Context.Service<
  Limits,
  {
    /** Runs a handler if its request is admitted, and notes the decision on the request, for headers and log. */
    readonly admit: (policy: PolicyName) => Admit
    /** Whether this caller has nothing left of a limit; spends nothing. */
    readonly isSpent: (policy: PolicyName) => Effect.Effect<boolean>
    /** Remaining requests of the client address and of this key, in one limiter call that spends nothing. */
    readonly standing: (key: ApiKeyId | undefined) => Effect.Effect<Standing>
  }
>()("tbg-api/http/Limits") {
  static readonly layer = Layer.effect(
    Limits,
    Effect.gen(function* () {
      const { rateLimit } = yield* AppConfig
      const limiter = yield* RateLimiter
      const policies = policiesOf(rateLimit)
      if (rateLimit.mode === "off") {
        const nothing = Effect.succeed({ ofAddress: [], ofKey: [] })
        return { admit: () => (handler) => handler, isSpent: () => Effect.succeed(false), standing: () => nothing }
      }

      const inShadow = (info: RequestInfo, { name }: Policy) =>
        Effect.annotateLogs(Effect.logInfo("a request would be rate limited"), {
          policy: name,
          client_address: info.clientAddress,
          request_id: info.id
        })

      const admit =
        (name: PolicyName): Admit =>
        <A, E, R>(handler: Effect.Effect<A, E, R>) =>
          Effect.withFiber<A, E | RateLimited, R>((fiber) => {
            const info = Context.getUnsafe(fiber.context, CurrentRequest)
            return Effect.flatMap(
              limiter.check(policies[name], keyOf(name, info)),
              (decision): Effect.Effect<A, E | RateLimited, R> => {
                info.limit = decision
                if (decision.allowed) return handler
                if (rateLimit.mode === "shadow") return Effect.andThen(inShadow(info, decision.policy), handler)
                return Effect.fail(new RateLimited())
              }
            )
          })

      const lookByAddress = (name: PolicyName) =>
        Effect.withFiber<Decision>(({ context }) =>
          limiter.look(policies[name], limitKeyOf(Context.getUnsafe(context, CurrentRequest).clientAddress))
        )
      return {
        admit,
        isSpent: (name) => Effect.map(lookByAddress(name), ({ remaining }) => remaining === 0),
        standing: (key) => {
          const byAddress = lookByAddress("key")
          const byKey = key === undefined ? byAddress : limiter.look(policies.key, key)
          const all = Effect.all([lookByAddress("ip"), byAddress, byKey], { concurrency: "unbounded" })
          return Effect.map(all, ([ip, ofAddress, ofKey]) => ({ ofAddress: [ip, ofAddress], ofKey: [ip, ofKey] }))
        }
      }
    })
  )
}

type LimitHeaders = Readonly<Record<string, string>>

/** What does not change with each request; a policy is one object for as long as the limiter lives. */
const fixedHeaders = memoize(({ limit, name, windowMicros }: Policy): LimitHeaders => ({
  "x-ratelimit-limit": String(limit),
  "ratelimit-policy": `"${name}";q=${limit};w=${wholeSeconds(windowMicros)}`
}))

/**
 * What a caller is told of its limit: the customary headers, and those of the IETF's draft 11. Seconds are rounded up,
 * so that to wait for them is enough.
 */
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
