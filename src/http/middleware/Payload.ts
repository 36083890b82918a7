import { ByteSize, Effect, Layer } from "effect"
import { HttpServerRequest } from "effect/http"
import { AppConfig } from "../../layers/AppConfig.ts"
import { Payload } from "../api/Payload.ts"
import { PayloadTooLarge, UnsupportedMediaType } from "../Errors.ts"

type RequestHeaders = Readonly<Record<string, string | undefined>>
type Refused = PayloadTooLarge | UnsupportedMediaType

/**
 * Why a body need not be read: it says that it is longer than `maxBytes`, or does not say what it is, which the library
 * would take for JSON. Content types that an endpoint does not take are refused where it is decoded.
 */
export const refusedPayload = (headers: RequestHeaders, maxBytes: number): Refused | undefined => {
  const length = headers["content-length"]
  const isEmpty = headers["transfer-encoding"] === undefined && (length === undefined || Number(length) === 0)
  if (isEmpty) return undefined
  if (Number(length) > maxBytes) return new PayloadTooLarge()
  return headers["content-type"] === undefined ? new UnsupportedMediaType() : undefined
}

/** Refuses by the headers alone, before a byte of the body is read. */
export const PayloadLayer = Layer.unwrap(
  Effect.map(AppConfig, ({ http: { maxBodyBytes } }) =>
    Layer.succeed(Payload, (handler) => {
      const unlessRefused = Effect.flatMap(
        HttpServerRequest.HttpServerRequest,
        ({ headers }): Effect.Effect<void, Refused> => {
          const refused = refusedPayload(headers, maxBodyBytes)
          return refused === undefined ? Effect.void : Effect.fail(refused)
        }
      )
      return Effect.andThen(unlessRefused, handler)
    })
  )
)

/** Ends the reading of any body at `TBG_MAX_BODY_BYTES`, whatever it said about its length. */
export const BodyLimit = Layer.unwrap(
  Effect.map(AppConfig, ({ http: { maxBodyBytes } }) =>
    Layer.succeed(HttpServerRequest.MaxBodySize, ByteSize.bytes(maxBodyBytes))
  )
)
