import type { HttpServerRequest } from "effect/http"
import { IncomingMessage } from "node:http"
import { BadRequest, MissingHost, TooManyFields } from "../Errors.ts"
import { pathOf } from "./PathTable.ts"

type ReceivedRequest = Pick<HttpServerRequest.HttpServerRequest, "headers" | "method" | "source" | "url">

/** Number of header fields after which Node before version 26 drops the rest. */
const maxFields = 1000

/** Characters of a host with an optional port (RFC 3986, 3.2.2). */
const authority = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]*$/

const isHost = (name: string, index: number): boolean =>
  index % 2 === 0 && name.length === 4 && name.toLowerCase() === "host"

/**
 * Whether a request target is neither a path nor the `*` of OPTIONS, or has percent-encoding that is not UTF-8.
 * Absolute URLs were reduced to paths before.
 */
export const isMalformedTarget = (method: string, target: string): boolean => {
  if (!target.startsWith("/")) return !(method === "OPTIONS" && target === "*")
  if (!target.includes("%")) return false
  try {
    decodeURIComponent(pathOf(target))
    return false
  } catch {
    return true
  }
}

/** Returns the error of a request that Node accepts and this service rejects before routing. */
export const errorOfRequest = ({
  headers,
  method,
  source,
  url
}: ReceivedRequest): BadRequest | TooManyFields | undefined => {
  if (source instanceof IncomingMessage) {
    const { httpVersion, rawHeaders } = source
    if (rawHeaders.length > 2 * maxFields) return new TooManyFields()
    if (headers["host"] === undefined && httpVersion !== "1.0") return new MissingHost()
    // Node keeps the first `Host`, but a proxy may have used the second (RFC 9112, 3.2).
    if (rawHeaders.findIndex(isHost) !== rawHeaders.findLastIndex(isHost)) return new BadRequest()
  }
  const isValid = authority.test(headers["host"] ?? "") && !isMalformedTarget(method, url)
  return isValid ? undefined : new BadRequest()
}
