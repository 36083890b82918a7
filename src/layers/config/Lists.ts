import { Option, Result, Schema } from "effect"
import * as IpInterface from "effect/net/IpInterface"
import { SignatureAlgorithm } from "../../domain/Identity.ts"
import { codec } from "./Codecs.ts"

const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Array(Schema.String)))

const listOf = <A extends string>(item: Schema.Codec<A, string>, expected: string) =>
  codec(Schema.Array(item), `a JSON list or comma list of ${expected}`, {
    parse: (text) => {
      const items = text.startsWith("[") ? Option.getOrUndefined(decodeJson(text)) : text.split(",")
      return items?.map((item) => item.trim()).filter((item) => item !== "")
    },
    show: (values) => [...new Set(values)].join(",")
  })

const origin = codec(Schema.String, "an origin", {
  parse: (item) => (/^https?:\/\/[^*/?#\\@]+\/?$/i.test(item) ? URL.parse(item)?.origin : undefined)
})

/** Origins as browsers send them: lower case, no default port, no slash at the end. */
export const origins = listOf(
  origin,
  "http(s) origins without a path, such as https://example.com; no *, because credentials are allowed"
)

const isNetwork = (item: string) => Result.isSuccess(IpInterface.fromString(item.includes("/") ? item : `${item}/0`))

export const networks = listOf(
  Schema.String.check(Schema.makeFilter(isNetwork)),
  "IP addresses or CIDR networks, such as 10.0.0.0/8"
)

export const algorithms = listOf(
  SignatureAlgorithm,
  `signature algorithms out of ${SignatureAlgorithm.literals.join(", ")}`
)
