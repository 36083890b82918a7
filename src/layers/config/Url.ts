import { Result, Schema } from "effect"
import { codec } from "./Codecs.ts"

/** Descriptions of refused URLs. They show no part of the URL, because any part may hold a password. */
export const foundInUrl = {
  malformed: "an address that is not a valid URL, redacted",
  otherScheme: "an address of another scheme, redacted",
  badParameter: "an address with a parameter out of range, redacted",
  noName: "an address without a name, redacted"
}

/** Percent-decoded parts of a URL; an absent part is empty. */
export interface Address {
  readonly url: URL
  readonly host: string
  readonly port: number
  readonly username: string
  readonly path: string
}

/** Refuses a list of hosts, which parses as one host. Refuses `@` in the path, left by a password with a raw `/`. */
const isAsMeant = ({ hash, hostname, pathname, search }: URL): boolean =>
  !hostname.includes(",") && !(pathname + search).includes("@") && hash === ""

/** Returns the parts of a `scheme://` URL, or `undefined`. */
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

const httpUrlOf = (expected: string, hasQuery: boolean) =>
  codec(
    Schema.String,
    expected,
    (text) => {
      const url = text.includes("@") ? null : URL.parse(text)
      if (url === null) return Result.fail(foundInUrl.malformed)
      if (!/^https?:\/\//i.test(text)) return Result.fail(foundInUrl.otherScheme)
      if (url.hash !== "" || (!hasQuery && text.includes("?"))) return Result.fail(foundInUrl.badParameter)
      return Result.succeed(text)
    },
    (text) => text.replace(/\?.*$/, "")
  )

/** Address of a web service, kept unchanged because issuers are compared character by character. */
export const httpUrl = httpUrlOf("an http:// or https:// URL without credentials, query or fragment", false)

/** An `httpUrl` that may have a query. The query is not shown. */
export const httpUrlWithQuery = httpUrlOf("an http:// or https:// URL without credentials or fragment", true)
