import { Effect, Metric, Scope } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import type { PoolFigures } from "../../domain/Health.ts"
import { observeGauges } from "../../metrics/Observed.ts"
import { boundaries } from "../../metrics/Outcome.ts"

const gauges = {
  max: Metric.gauge("tbg_db_pool_max", { description: "Maximum number of open sessions" }),
  // Not `tbg_db_pool_total`, because `_total` is the suffix of counters.
  total: Metric.gauge("tbg_db_pool_size", { description: "Open sessions" }),
  active: Metric.gauge("tbg_db_pool_active", { description: "Sessions with at least one caller" }),
  idle: Metric.gauge("tbg_db_pool_idle", { description: "Open sessions without a caller" }),
  waiting: Metric.gauge("tbg_db_pool_waiting", { description: "Callers waiting for a session" })
}
const wait = Metric.histogram("tbg_db_pool_acquire_seconds", {
  description: "Wait for a session, including failed waits",
  boundaries
})

export interface LeasesOptions {
  readonly maxConnections: number
  readonly acquireTimeoutMs: number
  /** Maximum number of callers waiting for a session; one more fails at once. */
  readonly maxWaiting: number
}

/** Limits, counts and measures callers that wait for or use a session; `open` returns the number of sessions. */
export const makeLeases = Effect.fnUntraced(function* (options: LeasesOptions, open: () => number) {
  const { acquireTimeoutMs, maxConnections, maxWaiting } = options
  let active = 0
  let waiting = 0

  const figures = (): PoolFigures => ({
    max: maxConnections,
    total: open(),
    active,
    idle: Math.max(0, open() - active),
    waiting
  })
  yield* observeGauges(gauges, figures)
  const context = yield* Effect.context()
  const recordWait = (milliseconds: number): void => wait.updateUnsafe(milliseconds / 1000, context)

  const timedOut = Effect.fail(
    new SqlError({
      reason: new ConnectionError({
        cause: new Error(`no session became free within ${acquireTimeoutMs} ms`),
        message: "Timed out waiting for a database session",
        operation: "acquire"
      })
    })
  )

  const endHold = Effect.sync(() => (active -= 1))
  // `acquireRelease` would copy the context of the request for each statement.
  const hold = Effect.uninterruptible(
    Effect.flatMap(Effect.scope, (scope) => {
      active += 1
      return Scope.addFinalizer(scope, endHold)
    })
  )

  return {
    figures,
    /** Waits for a session. The caller counts as active until the scope closes. */
    acquire: <A, R>(session: Effect.Effect<A, SqlError, R>) =>
      Effect.suspend(() =>
        waiting >= maxWaiting
          ? timedOut
          : Effect.acquireUseRelease(
              Effect.sync(() => {
                waiting += 1
                return performance.now()
              }),
              () => Effect.timeoutOrElse(session, { duration: acquireTimeoutMs, orElse: () => timedOut }),
              (since) =>
                Effect.sync(() => {
                  waiting -= 1
                  recordWait(performance.now() - since)
                })
            )
      ).pipe(Effect.tap(hold)),
    /** Counts a read that joins a session without waiting. */
    recordJoin: (): void => recordWait(0),
    hasFreeSession: (): boolean => active + waiting < maxConnections
  }
})

export type Leases = Effect.Success<ReturnType<typeof makeLeases>>
