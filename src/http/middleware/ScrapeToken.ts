import { Effect, Layer, Redacted } from "effect"
import { HttpApiBuilder, HttpApiSecurity } from "effect/http-api"
import { hash, timingSafeEqual } from "node:crypto"
import { AppConfig } from "../../layers/AppConfig.ts"
import { ScrapeToken } from "../api/Metrics.ts"
import { InvalidToken, Unauthorized } from "../Errors.ts"

const bearerToken = HttpApiBuilder.securityDecode(HttpApiSecurity.bearer)

/** Digest of a token. All digests have the same length, as `timingSafeEqual` requires. */
const digestOf = (token: Redacted.Redacted): Buffer => hash("sha256", Redacted.value(token), "buffer")

export const ScrapeTokenLayer = Layer.effect(
  ScrapeToken,
  Effect.map(AppConfig, ({ metrics: { token } }) => {
    const expected = token === undefined ? undefined : digestOf(token)
    return Effect.fnUntraced(function* (handler) {
      if (expected === undefined) return yield* handler
      const credential = yield* bearerToken
      if (timingSafeEqual(digestOf(credential), expected)) return yield* handler
      return yield* Redacted.value(credential) === "" ? new Unauthorized() : new InvalidToken()
    })
  })
)
