import { Context, Effect, Layer, Predicate, Redacted } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import type { ApiKeyId, KeyFault } from "../../domain/ApiKey.ts"
import type { Decision } from "../../domain/RateLimit.ts"
import { ApiKeys } from "../../services/ApiKeys.ts"
import { idOfToken } from "../../services/apiKeys/Token.ts"
import { Identify } from "../api/Authorization.ts"
import type { CallerIdentity } from "../api/Authorization.ts"
import { addToReport, RequestContext } from "../api/RequestContext.ts"
import type { RateLimited } from "../Errors.ts"
import { makeKnownIds } from "./KnownIds.ts"
import { RateLimits } from "./RateLimits.ts"

const anonymous = { caller: undefined, isRejected: false }
const rejected = { caller: undefined, isRejected: true }

const bearerToken = HttpApiBuilder.securityDecode(Identify.security.apiKey)

/**
 * Identifies callers by their API keys.
 *
 * Each client address may send a limited number of invalid keys (`TBG_AUTH_FAILURE_LIMIT`, policy `auth`). Above the
 * limit, invalid keys get 429. Keys that were never valid in this process get it without being looked up. Keys that were
 * valid before are still looked up, so that an attacker cannot lock out callers behind the same address.
 */
export class Callers extends Context.Service<
  Callers,
  {
    readonly identify: (token: Redacted.Redacted) => Effect.Effect<CallerIdentity["Service"], RateLimited>
    /** Remaining requests of the caller under each limit, read in one limiter call without counting it. */
    readonly remaining: Effect.Effect<
      ReadonlyArray<Decision>,
      never,
      HttpServerRequest.HttpServerRequest | HttpServerRequest.ParsedSearchParams
    >
  }
>()("tbg-api/http/Callers") {
  static readonly layer = Layer.effect(
    Callers,
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { admit, read } = yield* RateLimits
      const known = makeKnownIds<ApiKeyId>()
      const reject = Effect.fnUntraced(function* (keyFault: KeyFault) {
        addToReport(yield* RequestContext, { keyFault })
        yield* admit("auth")
        return rejected
      })

      const identify = Effect.fnUntraced(function* (credential: Redacted.Redacted) {
        const token = Redacted.value(credential)
        if (token === "") return anonymous
        const id = idOfToken(token)
        if (id === undefined) return yield* reject("malformed")
        if (!known.has(id) && (yield* read("auth"))?.remaining === 0) yield* admit("auth")
        const caller = yield* Effect.catchTag(authenticate(token), "KeyRefused", ({ fault }) => Effect.succeed(fault))
        if (Predicate.isString(caller)) return yield* reject(caller)
        known.add(id)
        addToReport(yield* RequestContext, { caller })
        return { caller, isRejected: false }
      })

      const remaining = Effect.gen(function* () {
        const token = yield* bearerToken
        const key = idOfToken(Redacted.value(token))
        // Concurrent, so that one call of the limiter serves all.
        const [ofAddress, byAddress, byKey, { caller }] = yield* Effect.all(
          [read("ip"), read("key"), read("key", key), Effect.orElseSucceed(identify(token), () => rejected)],
          { concurrency: "unbounded" }
        )
        // This route has no limit of its own, so it sends no limit headers.
        addToReport(yield* RequestContext, { limit: undefined })
        return [ofAddress, caller === undefined ? byAddress : byKey].filter((decision) => decision !== undefined)
      })
      return { identify, remaining }
    })
  )
}
