import { Predicate } from "effect"
import type { HttpServerRequest } from "effect/http"

/** What the router should never see. */

type Request = HttpServerRequest.HttpServerRequest

/** TRACE echoes what was sent, secrets included. CONNECT never gets here: Node gives it an event of its own. */
export const isServed = (method: string): boolean => method !== "TRACE"

/**
 * Whether a request target is none of ours to make out: no path (an absolute URL is one by now, if it is a URL), but
 * for the `*` of OPTIONS, or a percent-encoding in its path that stands for no text.
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

/** What a name or an address with a port is made of (RFC 3986, 3.2.2). */
const authority = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]*$/

/** How many times `Host` was sent; Node keeps the first and drops the others. */
const hostsSent = (source: object): number => {
  if (!Predicate.hasProperty(source, "rawHeaders") || !Array.isArray(source.rawHeaders)) return 1
  let count = 0
  for (let index = 0; index < source.rawHeaders.length; index += 2) {
    const name: unknown = source.rawHeaders[index]
    if (typeof name === "string" && name.length === 4 && name.toLowerCase() === "host") count++
  }
  return count
}

/** Whether there is one `Host`, and it could be one (RFC 9112, 3.2): with two, a proxy may have gone by the other. */
export const hasHost = ({ headers, source }: Pick<Request, "headers" | "source">): boolean => {
  const host = headers["host"]
  return host !== undefined && authority.test(host) && hostsSent(source) === 1
}
