import { Effect, Metric, Schedule } from "effect"
import { connect } from "node:net"
import { request } from "./RawHttp.ts"

/** Values of a gauge; empty before its server has started. */
const gauge = (name: string) =>
  Effect.map(Metric.snapshot, (metrics) =>
    metrics.flatMap(({ id, state }) => (id === name && "value" in state ? [Number(state.value)] : []))
  )

/** Statuses of the counted requests. */
export const statuses = Effect.map(Metric.snapshot, (metrics) =>
  metrics.flatMap(({ attributes, id }) => (id === "http_request_duration_seconds" ? [attributes?.["status"]] : []))
)

export const inFlight = gauge("http_requests_in_flight")
export const queuedRequests = gauge("http_requests_waiting")

export const inFlightIs = (wanted: number) =>
  Effect.repeat(inFlight, { until: ([value]) => value === wanted, schedule: Schedule.spaced("5 millis") })

/** Requests without a response until the scope closes. */
export const held = (port: number, count: number) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      Array.from({ length: count }, () => {
        const socket = connect({ port, host: "127.0.0.1" })
        socket.write(request("/faulty/never", { keepAlive: true }))
        return socket
      })
    ),
    (sockets) => Effect.sync(() => sockets.forEach((socket) => void socket.destroy()))
  ).pipe(Effect.andThen(inFlightIs(count)))
