import { Clock, DateTime, Effect, LogLevel, MutableRef } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import { consoleHead, makePalette } from "../../layers/LogColors.ts"
import { LogWriter } from "../../layers/LogWriter.ts"
import { unmatched } from "../api/RequestContext.ts"
import type { Report, RequestFacts } from "../api/RequestContext.ts"

const timestamp = (now: number): string => DateTime.formatIso(DateTime.makeUnsafe(now))

/** Logged facts about a request and its response. */
export interface AccessEntry {
  readonly request: Pick<RequestFacts, "method" | "path" | "clientAddress">
  readonly report: Report
  readonly id: string
  readonly status: number
  readonly durationMs: number
  /** Length of the response body; undefined for a stream. */
  readonly bytes: number | undefined
  readonly userAgent: string | undefined
  readonly traceId: string | undefined
}

/** Redacts text that looks like an API key. */
const withoutKeys = (path: string): string => path.replaceAll(/tbg(?:_|%5f)[^/]*/gi, "tbg_[redacted]")

/** Successful probes are logged at DEBUG, because they are frequent. */
const levelOf = ({ isProbe }: Report, status: number): "Debug" | "Info" => (isProbe && status < 500 ? "Debug" : "Info")

export const accessLine = (entry: AccessEntry, now: number): string => {
  const { bytes, durationMs, id, report, request, status, traceId, userAgent } = entry
  const { caller, keyFault, limit, route } = report
  const line = {
    time: timestamp(now),
    level: levelOf(report, status).toUpperCase(),
    message: "request",
    method: request.method,
    route,
    path: withoutKeys(request.path),
    status,
    duration_ms: Number(durationMs.toFixed(3)),
    bytes: bytes ?? null,
    request_id: id,
    trace_id: traceId ?? null,
    client_address: request.clientAddress,
    team: caller?.team.name ?? null,
    api_key_id: caller?.keyId ?? null,
    api_key_fault: keyFault ?? null,
    limited_by: limit?.allowed === false ? limit.policy.name : null,
    user_agent: userAgent ?? null
  }
  return `${JSON.stringify(line)}\n`
}

/** Level whose color marks a status: server errors are red, client errors yellow. */
const levelOfStatus = (status: number): string => {
  if (status >= 500) return "ERROR"
  return status >= 400 ? "WARNING" : "INFO"
}

export const accessConsoleLine = (hasColors: boolean) => {
  const palette = makePalette(hasColors)
  const headOf = consoleHead(palette)
  return ({ durationMs, id, report, request, status, traceId }: AccessEntry, now: number): string => {
    const where = report.route === unmatched.route ? withoutKeys(request.path) : report.route
    const line = `${request.method} ${where} ${palette.as(levelOfStatus(status))(String(status))}`
    const head = headOf(timestamp(now), levelOf(report, status).toUpperCase(), `${line} ${durationMs.toFixed(1)} ms`)
    const trace = traceId === undefined ? "" : ` ${palette.dim("trace_id=")}${traceId}`
    return `${head} ${palette.dim("request_id=")}${id}${trace}\n`
  }
}

/** Access log in `TBG_LOG_FORMAT`. Callers check `isOn` first, because making an entry takes time. */
export const makeAccessLog = Effect.gen(function* () {
  const { log } = yield* AppConfig
  const { hasColors, write } = yield* LogWriter
  const clock = yield* Clock.Clock
  const line = log.format === "json" ? accessLine : accessConsoleLine(hasColors)
  const levels = {
    Debug: LogLevel.isLessThanOrEqualTo(log.level, "Debug"),
    Info: LogLevel.isLessThanOrEqualTo(log.level, "Info")
  }
  const isOn = (report: Report, status: number): boolean => levels[levelOf(report, status)]
  const writeEntry = (entry: AccessEntry): void => write(line(entry, clock.currentTimeMillisUnsafe()))
  return {
    isOn,
    write: writeEntry,
    /** Writes the line of a request that the edge handled. */
    logRequest: (request: RequestFacts, outcome: Omit<AccessEntry, "request" | "report" | "userAgent">): void => {
      const report = MutableRef.get(request.report)
      if (!isOn(report, outcome.status)) return
      writeEntry({ request, report, userAgent: request.headers["user-agent"], ...outcome })
    }
  }
})
