import { Effect, Layer, Semaphore } from "effect"
import { HttpServerRequest } from "effect/http"
import { isUtf8 } from "node:buffer"
import { AppConfig } from "../../layers/AppConfig.ts"
import { isProbe } from "../api/Common.ts"
import { Payload } from "../api/Payload.ts"
import { BadRequest, Invalid, PayloadTooLarge, UnsupportedCoding, UnsupportedMediaType } from "../Errors.ts"
import { maxProblems, unknownName } from "./ErrorOfCause.ts"

type RequestHeaders = Readonly<Record<string, string | undefined>>
type BodyError = PayloadTooLarge | UnsupportedMediaType

/** Whether a request has a body (RFC 9112, 6.3). */
export const hasBody = (headers: RequestHeaders): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0

/** Whether a body has a content coding such as gzip (RFC 9110, 8.4). None is supported. */
const hasCoding = ({ "content-encoding": codings = "" }: RequestHeaders): boolean =>
  codings.split(",").some((coding) => !["", "identity"].includes(coding.trim().toLowerCase()))

const isJson = ({ "content-type": type }: RequestHeaders): boolean =>
  /^\s*application\/json\s*(?:;|$)/i.test(type ?? "")

/** Returns the error of a body that is rejected unread, by its declared length, content coding or type. */
export const bodyErrorOf = (headers: RequestHeaders, maxBytes: number): BodyError | undefined => {
  const isUntyped = headers["content-type"] === undefined
  if (!hasBody(headers)) return isUntyped || isJson(headers) ? undefined : new UnsupportedMediaType()
  if (Number(headers["content-length"]) > maxBytes) return new PayloadTooLarge()
  if (hasCoding(headers)) return new UnsupportedCoding()
  return isJson(headers) ? undefined : new UnsupportedMediaType()
}

/**
 * Maximum number of fields, more than any body needs. Parsing far more would block the event loop for tens of
 * milliseconds.
 */
const maxFields = 1000

const [quote, colon, backslash] = Buffer.from('":\\')

/** Whether JSON has more than `maxFields` fields in total, counted as colons outside strings. */
export const hasTooManyFields = (json: Uint8Array): boolean => {
  let fields = 0
  let isInString = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (byte === quote) isInString = !isInString
    else if (byte === backslash) at++
    else if (byte === colon && !isInString && ++fields > maxFields) return true
  }
  return false
}

const tooManyFields = new Invalid({ errors: [{ path: "", message: `Expected at most ${maxFields} fields` }] })

/** Body length in bytes, above that of any post, that takes about a millisecond to parse. */
const largeBytes = 65_536

const turnOfEventLoop = Effect.callback<void>((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

/** Paths whose unknown query parameters are errors (contract section 4). */
const strictPath = /^\/(?:api\/)?v1\//

/** Rejects the query of an endpoint that takes none; the schemas of other endpoints reject unknown parameters. */
const rejectQuery = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }): Effect.Effect<void, Invalid> => {
  const start = url.indexOf("?")
  const names = start === -1 ? [] : [...new Set(new URLSearchParams(url.slice(start)).keys())]
  if (names.length === 0) return Effect.void
  return Effect.fail(
    new Invalid({
      errors: names.slice(0, maxProblems).map((path) => ({ path, message: unknownName("parameter", path, []) }))
    })
  )
})

/**
 * Rejects unknown query parameters, and invalid bodies before they are decoded: by the headers before the body is read,
 * then by its bytes.
 */
export const PayloadLayer = Layer.effect(
  Payload,
  Effect.gen(function* () {
    const { http } = yield* AppConfig
    const oneAtATime = Semaphore.withPermit(yield* Semaphore.make(1))
    /** Lets one large body be parsed per turn of the event loop, so that other requests are served in between. */
    const awaitTurn = (bytes: Uint8Array) => (bytes.length < largeBytes ? Effect.void : oneAtATime(turnOfEventLoop))

    /** Rejects a body that is not UTF-8 (RFC 8259, 8.1), not JSON, or has too many fields. */
    const checkJson = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
      const bytes = new Uint8Array(yield* Effect.orDie(request.arrayBuffer))
      yield* awaitTurn(bytes)
      if (!isUtf8(bytes)) return yield* new BadRequest()
      if (hasTooManyFields(bytes)) return yield* tooManyFields
      if (bytes.length > 0) yield* Effect.mapError(request.json, () => new BadRequest())
    })

    const check = Effect.flatMap(
      HttpServerRequest.HttpServerRequest,
      (request): Effect.Effect<void, BodyError | BadRequest | Invalid> => {
        const error = bodyErrorOf(request.headers, http.maxBodyBytes)
        if (error !== undefined) return Effect.fail(error)
        return isJson(request.headers) ? checkJson(request) : Effect.void
      }
    )
    // Defects, because `Payload` does not declare `Invalid`; the edge encodes defects and failures alike.
    return (handler, { endpoint, group }) => {
      const checked = endpoint.payload.size === 0 ? handler : Effect.andThen(Effect.orDie(check), handler)
      const isStrict = strictPath.test(endpoint.path) && endpoint.query === undefined && !isProbe({ endpoint, group })
      return isStrict ? Effect.andThen(Effect.orDie(rejectQuery), checked) : checked
    }
  })
)
