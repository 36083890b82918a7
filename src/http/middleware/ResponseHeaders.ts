import { HttpServerResponse } from "effect/http"
import type { makeCors } from "./Cors.ts"
import type { RequestFacts } from "../api/RequestContext.ts"
import type { Decision } from "../../domain/RateLimit.ts"
import { rateLimitHeaders } from "./RateLimits.ts"

type Response = HttpServerResponse.HttpServerResponse
type ResponseHeaders = Readonly<Record<string, string>>

/** Request data that response headers depend on. */
type HeaderInput = Pick<RequestFacts, "id" | "headers">

const acceptedId = /^[A-Za-z0-9._:-]{1,128}$/

/** The request id (contract section 3). A header sent twice arrives joined by a comma, so it is replaced. */
export const requestIdOf = (given: string | undefined): string =>
  given !== undefined && acceptedId.test(given) ? given : crypto.randomUUID()

/** Seconds to wait before retrying after a 503. */
export const retryAfter = "1"

/** Value of `Vary`: CORS headers depend on the origin, and a route may add others. */
const varyOf = (ofRoute: string | undefined): string => (ofRoute === undefined ? "Origin" : `Origin, ${ofRoute}`)

/**
 * Adds the headers of every response: `fixed`, CORS, `Retry-After` on 503, rate limit and request id. Headers that the
 * route sets take precedence.
 */
export const makeResponseHeaders =
  (fixed: ResponseHeaders, cors: Pick<ReturnType<typeof makeCors>, "headers">) =>
  (response: Response, { headers: { origin }, id }: HeaderInput, limit?: Decision): Response =>
    HttpServerResponse.setHeaders(response, {
      ...fixed,
      ...cors.headers(origin),
      ...(response.status === 503 ? { "retry-after": retryAfter } : {}),
      ...(limit === undefined ? {} : rateLimitHeaders(limit, response.status)),
      "x-request-id": id,
      ...response.headers,
      vary: varyOf(response.headers["vary"])
    })
