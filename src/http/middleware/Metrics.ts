import { Effect, Metric } from "effect"

/** A metric a series: those that `withAttributes` makes share one, which puts its labels together again each time. */
const durationOf = (attributes: Readonly<Record<"method" | "route" | "status", string>>) =>
  Metric.histogram("http_request_duration_seconds", {
    description: "Requests from their arrival to the head of their response, by method, route template and status",
    boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    attributes
  })
const inFlight = Metric.gauge("http_requests_in_flight", { description: "Requests that have no response yet" })

/** The methods that have a label of their own; callers can make up any number of others. */
export const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"])

type Observe = (milliseconds: number) => void

const inserted = <K, V>(map: Map<K, V>, key: K, value: V): V => {
  map.set(key, value)
  return value
}

/**
 * What is measured of requests, as functions that cost little enough for each of them: an update is bound once to its
 * labels. There are as many series as there are routes, methods of the list and statuses.
 */
export const makeRequestMetrics = Effect.map(Effect.context(), (context) => {
  const byRoute = new Map<string, Map<string, Map<number, Observe>>>()

  const bind = (method: string, route: string, status: number): Observe => {
    const metric = durationOf({ method, route, status: String(status) })
    const byMethod = byRoute.get(route) ?? inserted(byRoute, route, new Map<string, Map<number, Observe>>())
    const byStatus = byMethod.get(method) ?? inserted(byMethod, method, new Map<number, Observe>())
    return inserted(byStatus, status, (milliseconds) => metric.updateUnsafe(milliseconds / 1000, context))
  }

  return {
    begun: (): void => inFlight.modifyUnsafe(1, context),
    ended: (): void => inFlight.modifyUnsafe(-1, context),
    /** `route` is a template. */
    answered: (method: string, route: string, status: number, milliseconds: number): void => {
      const known = methods.has(method) ? method : "OTHER"
      const observe = byRoute.get(route)?.get(known)?.get(status) ?? bind(known, route, status)
      observe(milliseconds)
    }
  }
})
