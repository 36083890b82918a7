import { Effect, Metric } from "effect"

/** A metric a series, as `beginCounter` says. */
const durationOf = (attributes: Readonly<Record<"method" | "route" | "status", string>>) =>
  Metric.histogram("http_request_duration_seconds", {
    description: "Requests from their arrival to the head of their response, by method, route template and status",
    boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    attributes
  })

/** The methods that have a label of their own; callers can make up any number of others. */
export const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"])

type Observe = (milliseconds: number) => void

const inserted = <K, V>(map: Map<K, V>, key: K, value: V): V => {
  map.set(key, value)
  return value
}

/** Notes how long a request took; `route` is its template. */
export type NoteDuration = (method: string, route: string, status: number, milliseconds: number) => void

/**
 * What notes durations costs little enough for every request: an update is bound once to its labels. There are as many
 * series as there are routes, methods of the list and statuses.
 */
export const makeNoteDuration = Effect.map(Effect.context(), (context): NoteDuration => {
  const byRoute = new Map<string, Map<string, Map<number, Observe>>>()

  const bind = (method: string, route: string, status: number): Observe => {
    const metric = durationOf({ method, route, status: String(status) })
    const byMethod = byRoute.get(route) ?? inserted(byRoute, route, new Map<string, Map<number, Observe>>())
    const byStatus = byMethod.get(method) ?? inserted(byMethod, method, new Map<number, Observe>())
    return inserted(byStatus, status, (milliseconds) => metric.updateUnsafe(milliseconds / 1000, context))
  }

  return (method, route, status, milliseconds) => {
    const known = methods.has(method) ? method : "OTHER"
    const observe = byRoute.get(route)?.get(known)?.get(status) ?? bind(known, route, status)
    observe(milliseconds)
  }
})
