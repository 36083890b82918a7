import { Effect } from "effect"

/** Response headers that scripts of a listed origin can read (contract, section 3). */
const exposed = [
  "X-Request-Id",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "ETag",
  "Link",
  "Location",
  "Idempotency-Replayed"
].join(", ")

const methods = "GET, POST, PUT, PATCH, DELETE, OPTIONS"

/** Seconds for which a browser may cache a preflight response. */
const maxAge = "600"

type RequestHeaders = Readonly<Record<string, string | undefined>>
type ResponseHeaders = Readonly<Record<string, string>>

/** Whether a request is a preflight. OPTIONS without these two headers is an ordinary request. */
export const isPreflight = (method: string, headers: Readonly<Record<string, unknown>>): boolean =>
  method === "OPTIONS" && headers["origin"] !== undefined && headers["access-control-request-method"] !== undefined

/** CORS headers by origin, computed once. Origins that are not listed get none. */
export const makeCors = (origins: ReadonlyArray<string>) => {
  const byOrigin = new Map<string, ResponseHeaders>(
    origins.map((origin) => [
      origin,
      {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": exposed
      }
    ])
  )
  const none: ResponseHeaders = {}
  return {
    /** Headers of every response to this origin. */
    headers: (origin: string | undefined): ResponseHeaders =>
      origin === undefined ? none : (byOrigin.get(origin) ?? none),

    /** Additional headers of a preflight response; requested headers are echoed. */
    preflight: (request: RequestHeaders): ResponseHeaders => {
      if (!byOrigin.has(request["origin"] ?? "")) return {}
      const requested = request["access-control-request-headers"]
      return {
        "access-control-allow-methods": methods,
        "access-control-max-age": maxAge,
        ...(requested === undefined || requested === "" ? {} : { "access-control-allow-headers": requested }),
        vary: "Access-Control-Request-Headers"
      }
    }
  }
}

const maxWarnings = 10

/**
 * Logs one warning per rejected origin, in development only. There the page is usually ours, and the browser's message
 * does not name the setting. Pages of this service itself need no CORS.
 */
export const makeOriginWarning = (environment: string, origins: ReadonlyArray<string>) => {
  const warned = new Set<string>()
  return <A, E, R>({ host, origin }: RequestHeaders, handler: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    if (environment !== "development" || origin === undefined || origins.includes(origin)) return handler
    if (URL.parse(origin)?.host === host || warned.has(origin) || warned.size >= maxWarnings) return handler
    warned.add(origin)
    const line = Effect.logWarning("CORS origin rejected; to allow it, add it to TBG_CORS_ORIGINS")
    return Effect.andThen(Effect.annotateLogs(line, { origin }), handler)
  }
}
