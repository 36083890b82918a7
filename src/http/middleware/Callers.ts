import { Context, Effect, Layer, Redacted } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import type { ApiKeyId } from "../../domain/ApiKey.ts"
import type { Decision } from "../../domain/RateLimit.ts"
import { ApiKeys } from "../../services/ApiKeys.ts"
import { idOfToken } from "../../services/apiKeys/Token.ts"
import { Authorization } from "../api/Authorization.ts"
import type { RateLimited } from "../Errors.ts"
import { Limits } from "./Limits.ts"
import { CurrentRequest } from "./RequestInfo.ts"
import type { RequestInfo } from "./RequestInfo.ts"

/** How many ids of good keys are remembered. */
const mostProven = 10_000

type Credential = HttpServerRequest.HttpServerRequest | HttpServerRequest.ParsedSearchParams

/** The bearer token; empty if there is none. */
const credential = HttpApiBuilder.securityDecode(Authorization.security.apiKey)

/**
 * Finds out who asks, by the API key that came with a request.
 *
 * An address may send so many bad keys a minute (`TBG_AUTH_FAILURE_LIMIT`, policy `auth`); beyond that a bad key is
 * refused with 429, and one that was never good here without a query. A key that has been good is looked up as ever, so
 * that those who share an address with somebody who tries keys go on working.
 */
export class Callers extends Context.Service<
  Callers,
  {
    /** Records the caller on the request, if its key is valid. */
    readonly identify: Effect.Effect<void, RateLimited, Credential>
    /** Identifies the caller and returns its remaining limits. A bad key counts as a failure of its address. */
    readonly standing: Effect.Effect<ReadonlyArray<Decision>, never, Credential>
  }
>()("tbg-api/http/Callers") {
  static readonly layer = Layer.effect(
    Callers,
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { admit, isSpent, standing } = yield* Limits
      const proven = new Set<ApiKeyId>()
      const failed = admit("auth")(Effect.void)

      const prove = (id: ApiKeyId): void => {
        if (proven.has(id)) return
        const [oldest] = proven
        if (oldest !== undefined && proven.size >= mostProven) proven.delete(oldest)
        proven.add(id)
      }

      const identifyBy = Effect.fnUntraced(function* (token: string, info: RequestInfo) {
        const id = idOfToken(token)
        if (id === undefined) return yield* failed
        if (!proven.has(id) && (yield* isSpent("auth"))) yield* failed
        const caller = yield* Effect.catchTag(authenticate(token), "KeyRefused", () => Effect.as(failed, undefined))
        if (caller === undefined) return
        prove(id)
        info.caller = caller
      })

      const identify = Effect.flatMap(credential, (given) => {
        const token = Redacted.value(given)
        if (token === "") return Effect.void
        return Effect.withFiber<void, RateLimited>(({ context }) =>
          identifyBy(token, Context.getUnsafe(context, CurrentRequest))
        )
      })

      return {
        identify,
        standing: Effect.flatMap(credential, (given) =>
          Effect.withFiber(({ context }) => {
            const info = Context.getUnsafe(context, CurrentRequest)
            // Concurrent, so one limiter call serves both.
            const both = Effect.all([standing(idOfToken(Redacted.value(given))), Effect.ignore(identify)], {
              concurrency: "unbounded"
            })
            return Effect.map(both, ([{ ofAddress, ofKey }]) => {
              // This route has no limit, so it sends no limit headers.
              info.limit = undefined
              return info.caller === undefined ? ofAddress : ofKey
            })
          })
        )
      }
    })
  )
}
