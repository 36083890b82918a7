import { memoize } from "effect/Function"
import { Headers } from "effect/http"
import type { HttpServerResponse } from "effect/http"
import type { makeCors } from "./Cors.ts"
import type { RequestInfo } from "./RequestInfo.ts"
import { rateLimitHeaders } from "./Limits.ts"

type Response = HttpServerResponse.HttpServerResponse
type ResponseHeaders = Readonly<Record<string, string>>

/** Request data that response headers depend on. */
type Described = Pick<RequestInfo, "id" | "limit" | "origin">

/** Seconds to wait before retrying after a 503. */
export const retryAfter = "1"

/** Value of `Vary`: CORS headers depend on the origin, and a route may add its own. */
const varyOf = (ofRoute: string | undefined): string => (ofRoute === undefined ? "Origin" : `Origin, ${ofRoute}`)

/** A copy with other headers; the library's own takes them to be of any case, and copies them three times. */
const withHeaders = (response: Response, headers: Headers.Headers): Response => {
  const copy: Response = Object.create(Object.getPrototypeOf(response))
  return Object.assign(copy, response, { headers })
}

/**
 * Adds the headers of every response: `fixed`, CORS, `Retry-After` on 503, the rate limit and the request id. A
 * header that the route has set itself stays.
 */
export const makeResponseHeaders = (fixed: ResponseHeaders, cors: Pick<ReturnType<typeof makeCors>, "headers">) => {
  const fixedFor = memoize((ofOrigin: ResponseHeaders) => Headers.fromInput({ ...fixed, ...ofOrigin }))

  return (response: Response, info: Described): Response => {
    const { id, limit, origin } = info
    const ofOrigin = cors.headers(origin)
    const ofLimit = limit === undefined ? undefined : rateLimitHeaders(limit, response.status)
    const headers = Object.assign(
      Headers.merge(Headers.empty, fixedFor(ofOrigin)),
      response.status === 503 ? { "retry-after": retryAfter } : {},
      ofLimit,
      { "x-request-id": id },
      response.headers,
      { vary: varyOf(response.headers["vary"]) }
    )
    return withHeaders(response, headers)
  }
}
