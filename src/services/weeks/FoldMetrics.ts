import { Duration, Effect, Metric } from "effect"
import { boundaries } from "../../metrics/Outcome.ts"

const duration = Metric.histogram("tbg_board_fold_duration_seconds", {
  description: "Transactions that fold shares into the weekly boards",
  boundaries
})
const waiting = Metric.gauge("tbg_board_waiting_addresses", {
  description: "Addresses of weeks that are not folded yet"
})

/** Registers the metrics, so that they are exported before the first fold. */
export const registerFoldMetrics = Effect.all([Metric.value(duration), Metric.value(waiting)], { discard: true })

/** Measures a transaction of the fold, unless it fails. */
export const measureFold = <A, E, R>(fold: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const [elapsed, result] = yield* Effect.timed(fold)
    yield* Metric.update(duration, Duration.toSeconds(elapsed))
    return result
  })

export const reportWaiting = (addresses: number): Effect.Effect<void> => Metric.update(waiting, addresses)
