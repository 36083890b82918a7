import { Clock, DateTime, Effect, LogLevel } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import { consoleHead, makePalette } from "../../layers/LogColours.ts"
import { LogWriter } from "../../layers/LogWriter.ts"
import type { RequestInfo } from "./RequestInfo.ts"

/** What a line tells of a request; of one that the parser refused not much more is known. */
export type Requested = Pick<RequestInfo, "id" | "method" | "route" | "isProbe" | "clientAddress"> &
  Partial<Pick<RequestInfo, "caller" | "limit">>

export interface AccessEntry {
  readonly info: Requested
  readonly status: number
  readonly durationMs: number
  /** Of the body; undefined for a stream. */
  readonly bytes: number | undefined
  readonly userAgent: string | undefined
  readonly traceId: string | undefined
}

/** Probes say nothing while all is well. */
const levelOf = (info: Requested, status: number): "Debug" | "Info" => (info.isProbe && status < 500 ? "Debug" : "Info")

let stamped = -1
let stamp = ""

/** The time as ISO 8601; formatted once a millisecond, as many requests end in each. */
export const timestamp = (now: number): string => {
  if (now !== stamped) {
    stamped = now
    stamp = DateTime.formatIso(DateTime.makeUnsafe(now))
  }
  return stamp
}

const quote = (text: string | undefined): string => (text === undefined ? "null" : JSON.stringify(text))

/**
 * One line of JSON for a request, in the order of the other log lines. A template, because it is a fifth of the cost
 * of `JSON.stringify`; what a caller chose is quoted, the rest is our own.
 */
export const accessLine = (entry: AccessEntry, now: number): string => {
  const { bytes, durationMs, info, status, traceId, userAgent } = entry
  const level = levelOf(info, status).toUpperCase()
  return (
    `{"time":"${timestamp(now)}","level":"${level}","message":"request","method":${quote(info.method)},` +
    `"route":${quote(info.route)},"status":${status},"duration_ms":${durationMs.toFixed(3)},"bytes":${bytes ?? "null"},` +
    `"request_id":"${info.id}","trace_id":${quote(traceId)},"client_address":"${info.clientAddress}",` +
    `"team":${quote(info.caller?.team.name)},"api_key_id":${quote(info.caller?.keyId)},` +
    `"limited_by":${info.limit?.allowed === false ? quote(info.limit.policy.name) : "null"},` +
    `"user_agent":${quote(userAgent)}}\n`
  )
}

/** What a status says at a glance: our failures in red, callers' in yellow. */
const levelOfStatus = (status: number): string => {
  if (status >= 500) return "ERROR"
  return status >= 400 ? "WARNING" : "INFO"
}

/** The same for a person. */
export const accessConsoleLine = (coloured: boolean) => {
  const palette = makePalette(coloured)
  const headOf = consoleHead(palette)
  return ({ durationMs, info, status, traceId }: AccessEntry, now: number): string => {
    const asked = `${info.method} ${info.route} ${palette.as(levelOfStatus(status))(String(status))}`
    const head = headOf(timestamp(now), levelOf(info, status).toUpperCase(), `${asked} ${durationMs.toFixed(1)} ms`)
    const trace = traceId === undefined ? "" : ` ${palette.dim("trace_id=")}${traceId}`
    return `${head} ${palette.dim("request_id=")}${info.id}${trace}\n`
  }
}

/** Writes requests as `TBG_LOG_FORMAT` and `TBG_LOG_LEVEL` say; `isOn` is asked before an entry is put together. */
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
    isOn: (info: Requested, status: number): boolean => levels[levelOf(info, status)],
    write: (entry: AccessEntry): void => write(line(entry, clock.currentTimeMillisUnsafe()))
  }
})
