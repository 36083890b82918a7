import { Option, Schema } from "effect"

const part = Schema.StringFromUriComponent
const decodeParts = Schema.decodeUnknownOption(
  Schema.Struct({ host: part, username: part, password: part, path: part })
)

export const Port = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))

/**
 * Returns the percent-decoded parts of a `scheme://` URL, or `undefined`. Rejects a list of hosts, which would parse as
 * one host, and `@` in the path, which results from a password with a raw `/`.
 */
export const addressOf = (text: string, defaultPort: number) => {
  const url = URL.parse(text)
  if (url === null || !/^[^:]+:\/\//.test(text) || url.hostname.includes(",")) return undefined
  if (url.hash !== "" || (url.pathname + url.search).includes("@")) return undefined
  const { password, pathname, username } = url
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1")
  const parts = Option.getOrUndefined(decodeParts({ host, username, password, path: pathname.slice(1) }))
  return parts && { ...parts, url, port: url.port === "" ? defaultPort : Number(url.port) }
}
