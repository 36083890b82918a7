import { Result } from "effect"
import type { Kind } from "./Kind.ts"

/**
 * What was found where a URL was wanted. A URL that does not parse, or parses otherwise than was meant, may hold a
 * password anywhere: no part of one is ever shown.
 */
export const foundInUrl = {
  malformed: "an address that is not a valid URL, redacted",
  otherScheme: "an address of another scheme, redacted",
  badParameter: "an address with a parameter out of range, redacted",
  noName: "an address without a name, redacted"
}

/** A URL in the parts that drivers want, percent-decoded; an absent part is the empty text. */
export interface Address {
  readonly url: URL
  readonly host: string
  readonly port: number
  readonly username: string
  readonly path: string
}

/** A list of hosts reads as one, and an `@` past the authority is a password with a `/` or `?` that was not encoded. */
const isAsMeant = ({ hash, hostname, pathname, search }: URL): boolean =>
  !hostname.includes(",") && !(pathname + search).includes("@") && hash === ""

/** The parts of a `scheme://` URL, or `undefined`. */
export const addressOf = (text: string, defaultPort: number): Address | undefined => {
  const url = URL.parse(text)
  if (url === null || !/^[^:]+:\/\//.test(text) || !isAsMeant(url)) return undefined
  const port = url.port === "" ? defaultPort : Number(url.port)
  if (port === 0) return undefined
  try {
    decodeURIComponent(url.password)
    return {
      url,
      host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1"),
      port,
      username: decodeURIComponent(url.username),
      path: decodeURIComponent(url.pathname.slice(1))
    }
  } catch {
    return undefined
  }
}

const httpUrlOf = (text: string, query: boolean): Result.Result<string, string> => {
  const url = text.includes("@") ? null : URL.parse(text)
  if (url === null) return Result.fail(foundInUrl.malformed)
  if (!/^https?:\/\//i.test(text)) return Result.fail(foundInUrl.otherScheme)
  if (url.hash !== "" || (!query && text.includes("?"))) return Result.fail(foundInUrl.badParameter)
  return Result.succeed(text)
}

const showHttpUrl = (text: string): string => text.replace(/\?.*$/, "")

/** An address of a web service, kept to the letter, as an issuer is compared by it. */
export const httpUrl: Kind<string> = {
  wanted: "an http:// or https:// URL without credentials, query or fragment",
  parse: (text) => httpUrlOf(text, false),
  show: showHttpUrl
}

/** The same, with a query, which is not shown. */
export const httpUrlWithQuery: Kind<string> = {
  wanted: "an http:// or https:// URL without credentials or fragment",
  parse: (text) => httpUrlOf(text, true),
  show: showHttpUrl
}
