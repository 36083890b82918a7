import { Cause, Context, Predicate, References, Tracer } from "effect"
import type { Logger, LogLevel } from "effect"

type Entry = Logger.Options<unknown>

/** One log entry as its fields: the same names and order on every line (docs/logging fields: time, level, message, …). */
export interface LogFields {
  readonly time: string
  readonly level: string
  readonly message: string
  readonly [annotation: string]: unknown
}

const levelNames: Record<LogLevel.LogLevel, string> = {
  All: "TRACE",
  Trace: "TRACE",
  Debug: "DEBUG",
  Info: "INFO",
  Warn: "WARNING",
  Error: "ERROR",
  Fatal: "CRITICAL",
  None: "INFO"
}

const textOf = (message: unknown): string => (Predicate.isString(message) ? message : JSON.stringify(message))

const messageOf = (message: unknown): string =>
  Array.isArray(message) ? message.map(textOf).join(" ") : textOf(message)

/** The entry's fields; `trace_id` and `span_id` where a span is open, `error` where there is a cause. */
export const fieldsOf = ({ cause, date, fiber, logLevel, message }: Entry): LogFields => {
  const span = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
  return {
    time: date.toISOString(),
    level: levelNames[logLevel],
    message: messageOf(message),
    ...fiber.getRef(References.CurrentLogAnnotations),
    ...(span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId }),
    ...(cause.reasons.length === 0 ? {} : { error: Cause.pretty(cause) })
  }
}

const serialisable = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value)

/** One line of JSON. */
export const jsonLine = (entry: Entry): string => `${JSON.stringify(fieldsOf(entry), serialisable)}\n`

const colours: Record<string, string> = {
  TRACE: "\u001B[90m",
  DEBUG: "\u001B[90m",
  INFO: "\u001B[32m",
  WARNING: "\u001B[33m",
  ERROR: "\u001B[31m",
  CRITICAL: "\u001B[35m"
}
const dim = "\u001B[2m"
const reset = "\u001B[0m"

/** One line for a person: time of day, level, message, then `name=value`; a cause follows on lines of its own. */
export const consoleLine =
  (coloured: boolean) =>
  (entry: Entry): string => {
    const { error, level, message, time, ...rest } = fieldsOf(entry)
    const paint = (colour: string, text: string) => (coloured ? `${colour}${text}${reset}` : text)
    const fields = Object.entries(rest).map(([name, value]) => `${paint(dim, `${name}=`)}${textOf(value)}`)
    const head = [paint(dim, time.slice(11, 23)), paint(colours[level] ?? "", level.padEnd(8)), message, ...fields]
    return error === undefined ? `${head.join(" ")}\n` : `${head.join(" ")}\n${textOf(error)}\n`
  }
