import { Result, Schema } from "effect"
import { isIP } from "node:net"
import { SignatureAlgorithm } from "../../domain/Identity.ts"
import { quoted } from "./Kind.ts"
import type { Kind } from "./Kind.ts"

/** The items of a JSON list of texts or of a comma list; empty ones are left out. */
const itemsOf = (text: string): ReadonlyArray<string> | undefined => {
  if (!text.startsWith("[")) return trimmed(text.split(","))
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((item) => typeof item === "string") ? trimmed(list) : undefined
  } catch {
    return undefined
  }
}

const trimmed = (items: ReadonlyArray<string>) => items.map((item) => item.trim()).filter((item) => item !== "")

/** A JSON list or comma list; `parseItem` gives an item's value, or what was found. A value is kept once. */
const listOf = <A extends string>(
  wanted: string,
  parseItem: (item: string) => Result.Result<A, string>
): Kind<ReadonlyArray<A>> => ({
  wanted: `a JSON list or comma list of ${wanted}`,
  parse: (text) => {
    const items = itemsOf(text)
    if (items === undefined) return Result.fail("a malformed JSON list")
    return Result.map(Result.all(items.map(parseItem)), (values) => [...new Set(values)])
  },
  show: (values) => values.join(",")
})

const originOf = (item: string): Result.Result<string, string> => {
  if (item === "*" || item === "null") return Result.fail(quoted(item))
  if (item.includes("@")) return Result.fail("an origin with credentials, redacted")
  const url = URL.parse(item)
  if (url === null) return Result.fail("an origin that is not a URL")
  return /^https?:\/\/[^*/?#\\]+\/?$/i.test(item)
    ? Result.succeed(url.origin)
    : Result.fail(`something else than an origin, at host ${quoted(url.host)}`)
}

/** Origins as browsers send them: lower case, no default port, no slash at the end. */
export const origins = listOf(
  "http(s) origins without a path, such as https://example.com; no *, as credentials are allowed",
  originOf
)

const isNetwork = (item: string): boolean => {
  const [address = "", prefix, ...rest] = item.split("/")
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  if (rest.length > 0 || address.includes("%")) return false
  return prefix === undefined ? bits > 0 : /^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bits
}

/** Addresses and networks (CIDR), IPv4 and IPv6. */
export const networks = listOf("IP addresses or CIDR networks, such as 10.0.0.0/8", (item) =>
  isNetwork(item) ? Result.succeed(item) : Result.fail(quoted(item))
)

const isSignature = Schema.is(SignatureAlgorithm)

export const algorithms = listOf(`signature algorithms out of ${SignatureAlgorithm.literals.join(", ")}`, (item) =>
  isSignature(item) ? Result.succeed(item) : Result.fail(quoted(item))
)
