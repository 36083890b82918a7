import { Redacted, Result } from "effect"
import type { LogLevel } from "effect"
import { isIP } from "node:net"

/** How the text of a variable becomes a value. */
export interface Kind<A> {
  /** What is wanted, as the end of a sentence. */
  readonly wanted: string
  /** The value, or what was found, in words that hold no secret. */
  readonly parse: (text: string) => Result.Result<A, string>
  /** The value as a text that may be shown; `parse` takes it back, secrets and addresses with credentials aside. */
  readonly show: (value: A) => string
}

const longestShown = 60

/** The text in quotes on one line, cut to a length; what may be an address with credentials is not shown at all. */
export const quoted = (text: string): string => {
  if (/@|:\/\//.test(text)) return "an address, redacted"
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
}

/** A kind of those texts for which `parse` gives a value; the others are quoted. */
const kindOf = <A>(
  wanted: string,
  parse: (text: string) => A | undefined,
  show: (value: A) => string = String
): Kind<A> => ({
  wanted,
  parse: (text) => Result.fromNullishOr(parse(text), () => quoted(text)),
  show
})

export const optional = <A>(kind: Kind<A>): Kind<A | undefined> => ({
  ...kind,
  show: (value) => (value === undefined ? "" : kind.show(value))
})

export const text = kindOf("text of at most 200 characters, none of them a control character", (text) =>
  /^\P{Cc}{1,200}$/u.test(text) ? text : undefined
)

export const host = kindOf("an IP address or a host name", (text) =>
  isIP(text) !== 0 || /^[\w.-]+$/.test(text) ? text : undefined
)

/** Header name in lower case, as in Node.js. */
export const headerName = kindOf("a header, such as x-forwarded-for, forwarded or cf-connecting-ip", (text) =>
  /^[\w-]{1,64}$/.test(text) ? text.toLowerCase() : undefined
)

export const integer = (min: number, max: number): Kind<number> =>
  kindOf(`a whole number from ${min} to ${max}`, (text) => {
    const value = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : NaN
    return value >= min && value <= max ? value : undefined
  })

/** A timer of Node.js fires at once past this. */
export const longestTimerMs = 2 ** 31 - 1

export const milliseconds = integer(1, longestTimerMs)

export const decimal = (min: number, max: number): Kind<number> =>
  kindOf(`a number from ${min} to ${max}`, (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
    return value >= min && value <= max ? value : undefined
  })

const booleans = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false]
])

export const boolean = kindOf("true or false (also 1/0, yes/no, on/off)", (text) => booleans.get(text.toLowerCase()))

export const oneOf = <const A extends string>(...values: ReadonlyArray<A>): Kind<A> =>
  kindOf(`one of ${values.join(", ")}`, (text) => values.find((value) => value === text.toLowerCase()))

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

export const logLevel = kindOf(
  "one of TRACE, DEBUG, INFO, WARN, WARNING, ERROR, CRITICAL, FATAL",
  (text) => levels.get(text.toUpperCase()),
  (level) => level.toUpperCase()
)

/** A secret of `wanted` length and characters; neither a good one nor a bad one is ever shown. */
export const secret = (wanted: string, pattern: RegExp): Kind<Redacted.Redacted> => ({
  wanted,
  parse: (text) => (pattern.test(text) ? Result.succeed(Redacted.make(text)) : Result.fail("a secret, redacted")),
  show: String
})
