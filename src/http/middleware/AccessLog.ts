import { Clock, DateTime, Effect, LogLevel } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import { consoleHead, makePalette } from "../../layers/LogColours.ts"
import { LogWriter } from "../../layers/LogWriter.ts"
import type { Report, RequestFacts } from "../api/RequestContext.ts"

/** A request and its response, as the log reports them. */
export interface AccessEntry extends Pick<RequestFacts, "id" | "method" | "clientAddress"> {
  readonly report: Report
  readonly status: number
  readonly durationMs: number
  /** Length of the body; undefined for a stream. */
  readonly bytes: number | undefined
  readonly userAgent: string | undefined
  readonly traceId: string | undefined
}

/** Successful probes are logged at DEBUG, because they are frequent. */
const levelOf = ({ isProbe }: Report, status: number): "Debug" | "Info" => (isProbe && status < 500 ? "Debug" : "Info")

let stamped = -1
let stamp = ""

/** Time as ISO 8601, formatted once per millisecond, because many requests end in each. */
export const timestamp = (now: number): string => {
  if (now !== stamped) {
    stamped = now
    stamp = DateTime.formatIso(DateTime.makeUnsafe(now))
  }
  return stamp
}

const quote = (text: string | undefined): string => (text === undefined ? "null" : JSON.stringify(text))

/** One line of JSON. A template is five times as fast as `JSON.stringify`; text from callers is quoted. */
export const accessLine = (entry: AccessEntry, now: number): string => {
  const { bytes, clientAddress, durationMs, id, method, report, status, traceId, userAgent } = entry
  const { caller, limit, route } = report
  const level = levelOf(report, status).toUpperCase()
  return (
    `{"time":"${timestamp(now)}","level":"${level}","message":"request","method":${quote(method)},` +
    `"route":${quote(route)},"status":${status},"duration_ms":${durationMs.toFixed(3)},"bytes":${bytes ?? "null"},` +
    `"request_id":"${id}","trace_id":${quote(traceId)},"client_address":"${clientAddress}",` +
    `"team":${quote(caller?.team.name)},"api_key_id":${quote(caller?.keyId)},` +
    `"limited_by":${limit?.allowed === false ? quote(limit.policy.name) : "null"},` +
    `"user_agent":${quote(userAgent)}}\n`
  )
}

/** Level whose color marks a status: server errors are red, client errors yellow. */
const levelOfStatus = (status: number): string => {
  if (status >= 500) return "ERROR"
  return status >= 400 ? "WARNING" : "INFO"
}

/** One line for a terminal. */
export const accessConsoleLine = (coloured: boolean) => {
  const palette = makePalette(coloured)
  const headOf = consoleHead(palette)
  return ({ durationMs, id, method, report, status, traceId }: AccessEntry, now: number): string => {
    const line = `${method} ${report.route} ${palette.as(levelOfStatus(status))(String(status))}`
    const head = headOf(timestamp(now), levelOf(report, status).toUpperCase(), `${line} ${durationMs.toFixed(1)} ms`)
    const trace = traceId === undefined ? "" : ` ${palette.dim("trace_id=")}${traceId}`
    return `${head} ${palette.dim("request_id=")}${id}${trace}\n`
  }
}

/** Access log by `TBG_LOG_FORMAT` and `TBG_LOG_LEVEL`. Check `isOn` before making an entry. */
export const makeAccessLog = Effect.gen(function* () {
  const { log } = yield* AppConfig
  const { coloured, write } = yield* LogWriter
  const clock = yield* Clock.Clock
  const line = log.format === "json" ? accessLine : accessConsoleLine(coloured)
  const levels = {
    Debug: LogLevel.isLessThanOrEqualTo(log.level, "Debug"),
    Info: LogLevel.isLessThanOrEqualTo(log.level, "Info")
  }
  return {
    isOn: (report: Report, status: number): boolean => levels[levelOf(report, status)],
    write: (entry: AccessEntry): void => write(line(entry, clock.currentTimeMillisUnsafe()))
  }
})
