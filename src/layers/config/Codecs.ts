import { Effect, Function, Option, Result, Schema, SchemaTransformation } from "effect"
import * as IpInterface from "effect/net/IpInterface"
import { isIP } from "node:net"
import { SignatureAlgorithm } from "../../domain/Identity.ts"

interface Texts<A> {
  /** Converts text to input of the schema; `undefined` if the text is invalid. */
  readonly parse?: (text: string) => unknown
  /** Formats a value, without secrets. */
  readonly show?: (value: A) => string
  /** Shown instead of invalid text that may contain a secret. */
  readonly redacted?: string
}

export const codec = <A, I>(
  to: Schema.Codec<A, I>,
  expected: string,
  { parse = Function.identity, redacted, show = String }: Texts<A> = {}
): Schema.Codec<A, string> =>
  Schema.String.pipe(
    Schema.decodeTo(
      Schema.toType(to),
      SchemaTransformation.transformEffect<A, string>({
        decode: (text, options) =>
          Effect.mapError(Schema.decodeUnknownEffect(to)(parse(text), options), ({ issue }) => issue),
        encode: (value) => Effect.succeed(show(value))
      })
    )
  ).annotate({ expected, redacted })

const matching = (pattern: RegExp) => Schema.String.check(Schema.isPattern(pattern))

export const text = codec(
  matching(/^\P{Cc}{1,200}$/u),
  "text of at most 200 characters, none of them a control character"
)

export const host = codec(
  Schema.String.check(Schema.makeFilter((text) => isIP(text) !== 0 || /^[\w.-]+$/.test(text))),
  "an IP address or a host name"
)

const lowerCase = (text: string) => text.toLowerCase()

/** Header name in lower case, as in Node.js. */
export const headerName = codec(
  matching(/^[\w-]{1,64}$/),
  "a header, such as x-forwarded-for, forwarded or cf-connecting-ip",
  { parse: lowerCase }
)

const numberOf = (pattern: RegExp, kind: string) => (minimum: number, maximum: number) =>
  codec(Schema.Number.check(Schema.isBetween({ minimum, maximum })), `${kind} from ${minimum} to ${maximum}`, {
    parse: (text) => (pattern.test(text) ? Number(text) : undefined)
  })

export const integer = numberOf(/^(0|[1-9]\d*)$/, "a whole number")
export const decimal = numberOf(/^\d+(\.\d+)?$/, "a number")

/** Maximum delay of a Node.js timer. Longer timers fire at once. */
export const maxTimerMs = 2 ** 31 - 1

export const milliseconds = integer(1, maxTimerMs)

export const oneOf = <const L extends ReadonlyArray<string>>(...values: L) =>
  codec(Schema.Literals(values), `one of ${values.join(", ")}`, { parse: lowerCase })

export const boolean = codec(Schema.Boolean, "true or false (also 1/0, yes/no, on/off)", {
  parse: (text) => /^(true|1|yes|on)$/i.test(text) || (/^(false|0|no|off)$/i.test(text) ? false : undefined)
})

const levels = ["Trace", "Debug", "Info", "Warn", "Error", "Fatal"] as const

export const logLevel = codec(
  Schema.Literals(levels),
  "one of TRACE, DEBUG, INFO, WARN, WARNING, ERROR, CRITICAL, FATAL",
  {
    parse: (text) => {
      const name = text
        .toUpperCase()
        .replace(/^WARNING$/, "WARN")
        .replace(/^CRITICAL$/, "FATAL")
      return levels.find((level) => level.toUpperCase() === name)
    },
    show: (level) => level.toUpperCase()
  }
)

const secret = (pattern: RegExp, expected: string) =>
  codec(Schema.RedactedFromValue(matching(pattern)), expected, { redacted: "a secret, redacted" })

export const secretKey = secret(/^.{32,}$/su, "32 characters or more, such as `openssl rand -hex 32` prints")

export const bearerToken = secret(/^[!-~]+$/, "visible ASCII characters without spaces")

/** Shown instead of an invalid address, because any part of it may be a password. */
export const redacted = "an address, redacted"

const httpUrlOf = (pattern: RegExp, expected: string) =>
  codec(
    matching(pattern).check(Schema.makeFilter((text) => URL.canParse(text))),
    `an http:// or https:// URL ${expected}`,
    {
      show: (text) => text.replace(/\?.*$/, ""),
      redacted
    }
  )

/** Not normalized, because issuers are compared character by character. */
export const httpUrl = httpUrlOf(/^https?:\/\/[^@?#]+$/i, "without credentials, query or fragment")

/** The query is not shown. */
export const httpUrlWithQuery = httpUrlOf(/^https?:\/\/[^@#]+$/i, "without credentials or fragment")

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
