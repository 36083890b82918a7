import { Effect, Metric } from "effect"

const durationOf = (attributes: Readonly<Record<"method" | "route" | "status", string>>) =>
  Metric.histogram("http_request_duration_seconds", {
    description: "Time from the arrival of a request to the head of its response, by method, route template and status",
    boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    attributes
  })

/** Methods with a label of their own. Others share one, because callers can invent any number. */
export const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"])

/** Records the duration of a request; `route` is its template. */
type RecordDuration = (method: string, route: string, status: number, milliseconds: number) => void

/** Keeps one metric per series, because creating one per request is expensive. */
export const makeRecordDuration = Effect.map(Effect.context(), (context): RecordDuration => {
  const series = new Map<string, ReturnType<typeof durationOf>>()
  return (method, route, status, milliseconds) => {
    const label = knownMethods.has(method) ? method : "OTHER"
    const key = `${label} ${route} ${status}`
    const metric = series.get(key) ?? durationOf({ method: label, route, status: String(status) })
    series.set(key, metric)
    metric.updateUnsafe(milliseconds / 1000, context)
  }
})
