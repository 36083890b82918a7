import { Effect, LogLevel, Result, Schema, SchemaIssue, SchemaTransformation, Struct } from "effect"
import { isIP } from "node:net"

const longestShown = 60

/** Quotes a text on one line and truncates it. An address is redacted because it may hold credentials. */
export const quoted = (text: string): string => {
  if (/@|:\/\//.test(text)) return "an address, redacted"
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
}

/**
 * Codec between the text of a variable and a value. Failures describe the text without secrets. Encoding gives the
 * public form, which decodes to the same value except for secrets and addresses with credentials.
 */
export const codec = <To extends Schema.Constraint>(
  to: To,
  expected: string,
  decode: (text: string) => Result.Result<To["Encoded"], string>,
  encode: (value: To["Encoded"]) => string = String
) =>
  Schema.String.pipe(
    Schema.decodeTo(
      to,
      SchemaTransformation.transformEffect<To["Encoded"], string>({
        decode: (text) =>
          Effect.fromResult(Result.mapError(decode(text), (message) => new SchemaIssue.InvalidValue({ message }))),
        encode: (value) => Effect.succeed(encode(value))
      })
    )
  ).annotate({ expected })

const matching = (pattern: RegExp, expected: string) =>
  Schema.String.check(Schema.isPattern(pattern)).annotate({ expected })

export const text = matching(/^\P{Cc}{1,200}$/u, "text of at most 200 characters, none of them a control character")

export const host = Schema.String.check(
  Schema.makeFilter((text) => isIP(text) !== 0 || /^[\w.-]+$/.test(text), { expected: "an IP address or a host name" })
)

const lowerCase = Schema.String.pipe(Schema.decode(SchemaTransformation.toLowerCase()))

const headerNames = "a header, such as x-forwarded-for, forwarded or cf-connecting-ip"

/** Header name in lower case, as in Node.js. */
export const headerName = lowerCase.check(Schema.isPattern(/^[\w-]{1,64}$/)).annotate({ expected: headerNames })

const numberOf = (pattern: RegExp, kind: string) => (minimum: number, maximum: number) =>
  Schema.String.check(Schema.isPattern(pattern))
    .pipe(
      Schema.decodeTo(
        Schema.Number.check(Schema.isBetween({ minimum, maximum })),
        SchemaTransformation.numberFromString
      )
    )
    .annotate({ expected: `${kind} from ${minimum} to ${maximum}` })

export const integer = numberOf(/^(0|[1-9]\d*)$/, "a whole number")
export const decimal = numberOf(/^\d+(\.\d+)?$/, "a number")

/** Maximum delay of a Node.js timer. Longer timers fire at once. */
export const maxTimerMs = 2 ** 31 - 1

export const milliseconds = integer(1, maxTimerMs)

export const oneOf = <const L extends ReadonlyArray<string>>(...values: L) =>
  lowerCase
    .pipe(Schema.decodeTo(Schema.Literals(values), SchemaTransformation.passthroughSupertype()))
    .annotate({ expected: `one of ${values.join(", ")}` })

const booleans = { true: true, 1: true, yes: true, on: true, false: false, 0: false, no: false, off: false }

export const boolean = oneOf(...Struct.keys(booleans))
  .pipe(
    Schema.decodeTo(
      Schema.Boolean,
      SchemaTransformation.transform({
        decode: (word) => booleans[word],
        encode: (value) => (value ? "true" : "false")
      })
    )
  )
  .annotate({ expected: "true or false (also 1/0, yes/no, on/off)" })

const levels = new Map<string, LogLevel.LogLevel>([
  ["TRACE", "Trace"],
  ["DEBUG", "Debug"],
  ["INFO", "Info"],
  ["WARN", "Warn"],
  ["WARNING", "Warn"],
  ["ERROR", "Error"],
  ["CRITICAL", "Fatal"],
  ["FATAL", "Fatal"]
])

export const logLevel = codec(
  Schema.Literals(LogLevel.values),
  `one of ${[...levels.keys()].join(", ")}`,
  (text) => Result.fromNullishOr(levels.get(text.toUpperCase()), () => quoted(text)),
  (level) => level.toUpperCase()
)
