import { Effect, Layer, Redacted } from "effect"
import { hash, timingSafeEqual } from "node:crypto"
import { AppConfig } from "../../layers/AppConfig.ts"
import { ScrapeToken } from "../api/Metrics.ts"
import { InvalidToken, Unauthorized } from "../Errors.ts"

/** Of one length, so that to compare two of them tells nothing. */
const digestOf = (token: Redacted.Redacted): Buffer => hash("sha256", Redacted.value(token), "buffer")

/** Lets requests with the configured token pass, and every request where none is configured. */
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
