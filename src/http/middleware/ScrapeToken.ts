import { Effect, Layer, Redacted } from "effect"
import { HttpApiBuilder, HttpApiSecurity } from "effect/http-api"
import { hash, timingSafeEqual } from "node:crypto"
import { AppConfig } from "../../layers/AppConfig.ts"
import { ScrapeToken } from "../api/Metrics.ts"
import { InvalidToken, Unauthorized } from "../Errors.ts"

const bearerToken = HttpApiBuilder.securityDecode(HttpApiSecurity.bearer)

/** Digest of a token. All have one length, so comparing them reveals nothing. */
const digestOf = (token: Redacted.Redacted): Buffer => hash("sha256", Redacted.value(token), "buffer")

/** Requires the configured token, if there is one. */
export const ScrapeTokenLayer = Layer.effect(
  ScrapeToken,
  Effect.map(AppConfig, ({ metrics: { token } }) => {
    const wanted = token === undefined ? undefined : digestOf(token)
    return Effect.fnUntraced(function* (handler) {
      if (wanted === undefined) return yield* handler
      const credential = yield* bearerToken
      if (timingSafeEqual(digestOf(credential), wanted)) return yield* handler
      return yield* Redacted.value(credential) === "" ? new Unauthorized() : new InvalidToken()
    })
  })
)
