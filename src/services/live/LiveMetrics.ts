import { Effect, Metric } from "effect"
import { makeCounter } from "../../metrics/Counter.ts"
import { observeGauge } from "../../metrics/Observed.ts"
import type { StreamIndex } from "./StreamIndex.ts"

const connections = Metric.gauge("tbg_live_connections", { description: "Open live streams" })
const queueBytes = Metric.gauge("tbg_live_queue_bytes", {
  description: "Bytes that wait for clients of live streams to read them"
})
const delivery = Metric.histogram("tbg_live_delivery_seconds", {
  description: "Time from the commit of a change to the last write of its events to the streams that keep up",
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10]
})

const byReason = <Reason extends string>(id: string, description: string, reasons: ReadonlyArray<Reason>) =>
  Effect.map(
    Effect.forEach(reasons, (reason) =>
      Effect.map(makeCounter(id, description, { reason }), (count) => [reason, count] as const)
    ),
    (counters) => {
      const byName = new Map<Reason, (count: number) => void>(counters)
      return (reason: Reason): void => byName.get(reason)?.(1)
    }
  )

const resetReasons = ["too_old", "unknown_cursor", "outage"] as const
/** `client`: the client closed the connection. `stalled`: the client read nothing for too long. */
const endReasons = ["client", "draining", "session_ended", "hidden", "replaced", "too_slow", "stalled"] as const
export type EndReason = (typeof endReasons)[number]

/** Registers the metrics of live streams, and returns functions that record events. */
export const liveMetrics = Effect.fnUntraced(function* (index: StreamIndex) {
  const context = yield* Effect.context()
  // Registers the histogram, so that it is exported before the first event.
  yield* Metric.value(delivery)
  yield* observeGauge(connections, () => index.size)
  yield* observeGauge(queueBytes, () => index.all.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0))
  return {
    dropped: yield* makeCounter("tbg_live_dropped_total", "Shares left out because clients read too slowly"),
    resumed: yield* makeCounter("tbg_live_resumes_total", "Live streams that continued after a cursor"),
    reset: yield* byReason("tbg_live_resets_total", "Resets of live streams, by reason", resetReasons),
    ended: yield* byReason("tbg_live_disconnects_total", "Live streams that ended, by reason", endReasons),
    /** Records a delivery that took some milliseconds. */
    delivered: (milliseconds: number): void => delivery.updateUnsafe(Math.max(0, milliseconds) / 1000, context)
  }
})
