import { Cause, Context, Effect, Layer, Logger, Predicate, References, Tracer } from "effect"
import type { LogLevel } from "effect"
import { AppConfig } from "./AppConfig.ts"
import { consoleHead, makePalette } from "./LogColors.ts"
import { LogWriter } from "./LogWriter.ts"

type Entry = Logger.Options<unknown>

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

/** Current span; `undefined` while tracing is off, although Effect opens spans that belong to no trace. */
const spanOf = ({ fiber }: Entry): Tracer.AnySpan | undefined => {
  const span = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
  return span === undefined || Context.get(span.annotations, Tracer.DisablePropagation) ? undefined : span
}

/** Fields of a log line, with the same names and order on every line (docs/observability.md). */
const fieldsOf = (entry: Entry) => {
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

const replacer = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value)

export const jsonLine = (entry: Entry): string => `${JSON.stringify(fieldsOf(entry), replacer)}\n`

/** Line for a terminal: time of day, level, message and `name=value` pairs, followed by the cause. */
export const consoleLine = (hasColors: boolean) => {
  const palette = makePalette(hasColors)
  const headOf = consoleHead(palette)
  return (entry: Entry): string => {
    const { error, level, message, time, ...rest } = fieldsOf(entry)
    const fields = Object.entries(rest).map(([name, value]) => `${palette.dim(`${name}=`)}${textOf(value)}`)
    const line = [headOf(time, level, message), ...fields].join(" ")
    return error === undefined ? `${line}\n` : `${line}\n${textOf(error)}\n`
  }
}

/** Logger configured by `TBG_LOG_FORMAT` and `TBG_LOG_LEVEL`. */
export const layer = Layer.unwrap(
  Effect.gen(function* () {
    const { log } = yield* AppConfig
    const { hasColors, write } = yield* LogWriter
    const format = log.format === "json" ? jsonLine : consoleLine(hasColors)
    return Layer.mergeAll(
      Logger.layer([Logger.make((entry) => write(format(entry)))]),
      Layer.succeed(References.MinimumLogLevel, log.level)
    )
  })
)
