import { Context, Effect, Layer, Redacted } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import type { ApiKeyId } from "../../domain/ApiKey.ts"
import { ApiKeys } from "../../services/ApiKeys.ts"
import { idOfToken } from "../../services/apiKeys/Token.ts"
import { Authorization } from "../api/Authorization.ts"
import type { RateLimited } from "../Errors.ts"
import { Limits } from "./Limits.ts"
import { CurrentRequest, invalidToken } from "./RequestInfo.ts"
import type { RequestInfo } from "./RequestInfo.ts"

/** How many ids of good keys are remembered. */
const mostProven = 10_000

/** What came as bearer token; empty where none did. */
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
    /** Notes on the request whose key came with it, where that is a valid one. */
    readonly identify: Effect.Effect<
      void,
      RateLimited,
      HttpServerRequest.HttpServerRequest | HttpServerRequest.ParsedSearchParams
    >
  }
>()("tbg-api/http/Callers") {
  static readonly layer = Layer.effect(
    Callers,
    Effect.gen(function* () {
      const { authenticate } = yield* ApiKeys
      const { admit, isSpent } = yield* Limits
      const proven = new Set<ApiKeyId>()
      const failed = admit("auth")(Effect.void)

      const prove = (id: ApiKeyId): void => {
        if (proven.has(id)) return
        const [oldest] = proven
        if (oldest !== undefined && proven.size >= mostProven) proven.delete(oldest)
        proven.add(id)
      }

      const identifyBy = Effect.fnUntraced(function* (token: string, info: RequestInfo) {
        info.challenge = invalidToken
        const id = idOfToken(token)
        if (id === undefined) return yield* failed
        if (!proven.has(id) && (yield* isSpent("auth"))) yield* failed
        const caller = yield* Effect.catchTag(authenticate(token), "KeyRefused", () => Effect.as(failed, undefined))
        if (caller === undefined) return
        prove(id)
        info.caller = caller
      })

      return {
        identify: Effect.flatMap(credential, (given) => {
          const token = Redacted.value(given)
          if (token === "") return Effect.void
          return Effect.withFiber((fiber) => identifyBy(token, Context.getUnsafe(fiber.context, CurrentRequest)))
        })
      }
    })
  )
}
