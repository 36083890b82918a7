import { Context, Effect, Layer } from "effect"
import { memoize } from "effect/Function"
import { wholeSeconds } from "../../domain/RateLimit.ts"
import type { Decision, Policy } from "../../domain/RateLimit.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { RateLimiter } from "../../services/RateLimiter.ts"
import { Limited, LimitedBy } from "../api/Limited.ts"
import { RateLimited } from "../Errors.ts"
import { limitKeyOf } from "./ClientAddress.ts"
import { CurrentRequest } from "./RequestInfo.ts"
import type { RequestInfo } from "./RequestInfo.ts"

type PolicyName = "ip" | "key"
type Policies = Readonly<Record<PolicyName, Policy>>

/** The limits that are configured (contract section 5). */
export const policiesOf = ({ keyRequests, requests, windowSeconds }: AppConfig["Service"]["rateLimit"]): Policies => {
  const window = { windowMicros: Math.round(windowSeconds * 1_000_000), cost: 1 }
  return { ip: { name: "ip", limit: requests, ...window }, key: { name: "key", limit: keyRequests, ...window } }
}

/** Whom a request counts for: its client's address. */
const keyOf = ({ clientAddress }: RequestInfo): string => limitKeyOf(clientAddress)

type Admit = <A, E, R>(handler: Effect.Effect<A, E, R>) => Effect.Effect<A, E | RateLimited, R>

/** The limiter as HTTP knows it: by policy and request. */
export class Limits extends Context.Service<
  Limits,
  {
    /** Runs a handler if its request is admitted, and notes the decision on the request, for headers and log. */
    readonly admit: (policy: PolicyName) => Admit
    /** What this caller has left of each limit; spends nothing. None where limits are off. */
    readonly standing: Effect.Effect<ReadonlyArray<Decision>>
  }
>()("tbg-api/http/Limits") {
  static readonly layer = Layer.effect(
    Limits,
    Effect.gen(function* () {
      const { rateLimit } = yield* AppConfig
      const limiter = yield* RateLimiter
      const policies = policiesOf(rateLimit)
      if (rateLimit.mode === "off") return { admit: () => (handler) => handler, standing: Effect.succeed([]) }

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
              limiter.check(policies[name], keyOf(info)),
              (decision): Effect.Effect<A, E | RateLimited, R> => {
                info.limit = decision
                if (decision.allowed) return handler
                if (rateLimit.mode === "shadow") return Effect.andThen(inShadow(info, decision.policy), handler)
                return Effect.fail(new RateLimited())
              }
            )
          })

      const standing = Effect.withFiber<ReadonlyArray<Decision>>((fiber) => {
        const key = keyOf(Context.getUnsafe(fiber.context, CurrentRequest))
        return Effect.forEach(Object.values(policies), (policy) => limiter.look(policy, key), {
          concurrency: "unbounded"
        })
      })
      return { admit, standing }
    })
  )
}

/** Every limited endpoint under its policy. */
export const LimitedLayer = Layer.effect(
  Limited,
  Effect.map(Limits, ({ admit }) => (handler, { endpoint, group }) => {
    const policy = Context.get(Context.merge(group.annotations, endpoint.annotations), LimitedBy)
    return policy === "none" ? handler : admit(policy)(handler)
  })
)

type Header = readonly [name: string, value: string]

/** What does not change with each request; a policy is one object for as long as the limiter lives. */
const fixedHeaders = memoize(({ limit, name, windowMicros }: Policy): ReadonlyArray<Header> => [
  ["x-ratelimit-limit", String(limit)],
  ["ratelimit-policy", `"${name}";q=${limit};w=${wholeSeconds(windowMicros)}`]
])

/**
 * What a caller is told of its limit: the customary headers, and those of the IETF's draft 11. Seconds are rounded up,
 * so that to wait for them is enough.
 */
export const rateLimitHeaders = (
  { policy, remaining, resetMicros, retryMicros }: Decision,
  status: number
): ReadonlyArray<Header> => {
  const left = String(remaining)
  const reset = String(wholeSeconds(resetMicros))
  return [
    ...fixedHeaders(policy),
    ["x-ratelimit-remaining", left],
    ["x-ratelimit-reset", reset],
    ["ratelimit", `"${policy.name}";r=${left};t=${reset}`],
    ...(status === 429 ? [["retry-after", String(wholeSeconds(Math.max(1, retryMicros)))] as const] : [])
  ]
}
