import { Effect, Layer, Redacted } from "effect"
import { hash, timingSafeEqual } from "node:crypto"
import { AppConfig } from "../../layers/AppConfig.ts"
import { ScrapeToken } from "../api/Metrics.ts"
import { InvalidToken, Unauthorized } from "../Errors.ts"

/** Digest of a token. All have one length, so comparing them reveals nothing. */
const digestOf = (token: Redacted.Redacted): Buffer => hash("sha256", Redacted.value(token), "buffer")

/** Requires the configured token, if there is one. */
export const ScrapeTokenLayer = Layer.effect(
  ScrapeToken,
  Effect.map(AppConfig, ({ metrics: { token } }) => {
    const wanted = token === undefined ? undefined : digestOf(token)
    return {
      scrape: (handler, { credential }) =>
        wanted === undefined || timingSafeEqual(digestOf(credential), wanted)
          ? handler
          : Effect.fail(Redacted.value(credential) === "" ? new Unauthorized() : new InvalidToken())
    }
  })
)
