import { Result, Schema } from "effect"
import * as IpInterface from "effect/net/IpInterface"
import { SignatureAlgorithm } from "../../domain/Identity.ts"
import { codec, quoted } from "./Codecs.ts"

const JsonList = Schema.fromJsonString(Schema.Array(Schema.String))

/** Items of a JSON list or of a comma list. */
const itemsOf = (text: string): Result.Result<ReadonlyArray<string>, string> =>
  text.startsWith("[")
    ? Result.mapError(Schema.decodeResult(JsonList)(text), () => "a malformed JSON list")
    : Result.succeed(text.split(","))

/** A JSON list or comma list without empty and repeated items. */
const listOf = <A extends string>(
  item: Schema.Codec<A>,
  expected: string,
  decodeItem: (item: string) => Result.Result<A, string>
) =>
  codec(
    Schema.Array(item),
    `a JSON list or comma list of ${expected}`,
    (text) =>
      Result.gen(function* () {
        const items = (yield* itemsOf(text)).map((item) => item.trim()).filter((item) => item !== "")
        return [...new Set(yield* Result.all(items.map(decodeItem)))]
      }),
    (values) => values.join(",")
  )

const originOf = (item: string): Result.Result<string, string> => {
  if (item === "*" || item === "null") return Result.fail(quoted(item))
  if (item.includes("@")) return Result.fail("an origin with credentials, redacted")
  const url = URL.parse(item)
  if (url === null) return Result.fail("an origin that is not a URL")
  return /^https?:\/\/[^*/?#\\]+\/?$/i.test(item)
    ? Result.succeed(url.origin)
    : Result.fail(`a value that is not an origin, at host ${quoted(url.host)}`)
}

/** Origins as browsers send them: lower case, no default port, no slash at the end. */
export const origins = listOf(
  Schema.String,
  "http(s) origins without a path, such as https://example.com; no *, as credentials are allowed",
  originOf
)

/** Addresses and networks (CIDR), IPv4 and IPv6. */
export const networks = listOf(Schema.String, "IP addresses or CIDR networks, such as 10.0.0.0/8", (item) => {
  const network = IpInterface.fromString(item.includes("/") ? item : `${item}/0`)
  return Result.mapBoth(network, { onFailure: () => quoted(item), onSuccess: () => item })
})

export const algorithms = listOf(
  SignatureAlgorithm,
  `signature algorithms out of ${SignatureAlgorithm.literals.join(", ")}`,
  (item) => Result.mapError(Schema.decodeUnknownResult(SignatureAlgorithm)(item), () => quoted(item))
)
