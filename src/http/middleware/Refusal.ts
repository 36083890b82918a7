import { Predicate } from "effect"
import type { HttpServerRequest } from "effect/http"

/** What the router should never see. */

/** TRACE echoes what was sent, secrets included. CONNECT never gets here: Node gives it an event of its own. */
export const isServed = (method: string): boolean => method !== "TRACE"

/**
 * Whether a request target is malformed: neither a path nor the `*` of OPTIONS, or a path with percent-encoding that is
 * not UTF-8. Absolute URLs are reduced to paths before this.
 */
export const isMalformedTarget = (method: string, target: string): boolean => {
  if (!target.startsWith("/")) return !(method === "OPTIONS" && target === "*")
  if (!target.includes("%")) return false
  const end = target.indexOf("?")
  try {
    decodeURIComponent(end === -1 ? target : target.slice(0, end))
    return false
  } catch {
    return true
  }
}

/** Names and values of all header fields as they were sent; `headers` has one value for each name. */
const rawHeadersOf = (source: object): ReadonlyArray<unknown> | undefined =>
  Predicate.hasProperty(source, "rawHeaders") && Array.isArray(source.rawHeaders) ? source.rawHeaders : undefined

type Sent = Pick<HttpServerRequest.HttpServerRequest, "headers" | "source">

const isHost = (name: unknown, index: number): boolean =>
  index % 2 === 0 && typeof name === "string" && name.length === 4 && name.toLowerCase() === "host"

/** How many times `Host` was sent; Node.js keeps the first and drops the others. */
const hostsSent = ({ headers, source }: Sent): number =>
  rawHeadersOf(source)?.filter(isHost).length ?? (headers["host"] === undefined ? 0 : 1)

/** What a name or an address with a port is made of (RFC 3986, 3.2.2). */
const authority = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]*$/

/** Whether `Host` is invalid or was sent twice, because a proxy may have used the other (RFC 9112, 3.2). */
export const isMalformedHost = (request: Sent): boolean =>
  hostsSent(request) > 1 || !authority.test(request.headers["host"] ?? "")
