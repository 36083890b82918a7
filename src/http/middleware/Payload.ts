import { Effect, Layer } from "effect"
import { HttpServerRequest } from "effect/http"
import { isUtf8 } from "node:buffer"
import { AppConfig } from "../../layers/AppConfig.ts"
import { Payload } from "../api/Payload.ts"
import { BadRequest, PayloadTooLarge, UnsupportedMediaType } from "../Errors.ts"
import { hasBody } from "../gate/Arrival.ts"

type RequestHeaders = Readonly<Record<string, string | undefined>>
type Refused = PayloadTooLarge | UnsupportedMediaType

/**
 * Why a body need not be read: it says that it is longer than `maxBytes`, or does not say what it is, which the library
 * would take for JSON. Content types that an endpoint does not take are refused where it is decoded.
 */
export const refusedPayload = (headers: RequestHeaders, maxBytes: number): Refused | undefined => {
  if (!hasBody(headers)) return undefined
  if (Number(headers["content-length"]) > maxBytes) return new PayloadTooLarge()
  return headers["content-type"] === undefined ? new UnsupportedMediaType() : undefined
}

const isJson = ({ "content-type": type }: RequestHeaders): boolean =>
  /^\s*application\/json\s*(?:;|$)/i.test(type ?? "")

/**
 * Refuses JSON that is not UTF-8 (RFC 8259, 8.1): the library would put U+FFFD in the place of each byte that it cannot
 * read, and what was written would not be what was sent.
 */
const unlessGarbled = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<void, BadRequest> =>
  isJson(request.headers)
    ? Effect.flatMap(Effect.orDie(request.arrayBuffer), (bytes) =>
        isUtf8(bytes) ? Effect.void : Effect.fail(new BadRequest())
      )
    : Effect.void

/** Refuses by the headers alone, before a byte of the body is read; and then by its bytes, before they are decoded. */
export const PayloadLayer = Layer.unwrap(
  Effect.map(AppConfig, ({ http: { maxBodyBytes } }) =>
    Layer.succeed(Payload, (handler) => {
      const unlessRefused = Effect.flatMap(
        HttpServerRequest.HttpServerRequest,
        (request): Effect.Effect<void, Refused | BadRequest> => {
          const refused = refusedPayload(request.headers, maxBodyBytes)
          return refused === undefined ? unlessGarbled(request) : Effect.fail(refused)
        }
      )
      return Effect.andThen(unlessRefused, handler)
    })
  )
)
