import { Cause, Context, Predicate, References, Tracer } from "effect"
import type { Logger, LogLevel } from "effect"
import { consoleHead, makePalette } from "../LogColours.ts"

type Entry = Logger.Options<unknown>

/** One log entry as its fields: the same names and order on every line (docs/observability.md). */
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

/** The open span; where nothing is traced, Effect opens spans that are part of no trace. */
const spanOf = ({ fiber }: Entry): Tracer.AnySpan | undefined => {
  const span = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
  return span === undefined || Context.get(span.annotations, Tracer.DisablePropagation) ? undefined : span
}

/** The entry's fields; `trace_id` and `span_id` where a span is open, `error` where there is a cause. */
export const fieldsOf = (entry: Entry): LogFields => {
  const { cause, date, fiber, logLevel, message } = entry
  const span = spanOf(entry)
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

/** One line for a person: time of day, level, message, then `name=value`; a cause follows on lines of its own. */
export const consoleLine = (coloured: boolean) => {
  const palette = makePalette(coloured)
  const headOf = consoleHead(palette)
  return (entry: Entry): string => {
    const { error, level, message, time, ...rest } = fieldsOf(entry)
    const fields = Object.entries(rest).map(([name, value]) => `${palette.dim(`${name}=`)}${textOf(value)}`)
    const line = [headOf(time, level, message), ...fields].join(" ")
    return error === undefined ? `${line}\n` : `${line}\n${textOf(error)}\n`
  }
}
