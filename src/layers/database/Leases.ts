import { Effect, Scope } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import type { PoolFigures } from "../../domain/Health.ts"
import { makePoolMetrics } from "./PoolMetrics.ts"

export interface LeasesOptions {
  readonly maxConnections: number
  /** Maximum wait for a session, in milliseconds. */
  readonly acquireTimeoutMs: number
  /** Maximum number of callers waiting for a session; one more fails at once. */
  readonly maxWaiting: number
}

/** Limits and counts callers that wait for or use a session; `open` returns the number of sessions. */
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
  const { recordWait } = yield* makePoolMetrics(figures)

  const timedOut = Effect.fail(
    new SqlError({
      reason: new ConnectionError({
        cause: new Error(`no session became free within ${acquireTimeoutMs} ms`),
        message: "Timed out waiting for a database session",
        operation: "acquire"
      })
    })
  )

  return {
    figures,
    /** Waits for a session. The caller counts as active until the scope closes. */
    acquire: <A, R>(session: Effect.Effect<A, SqlError, R>) =>
      Effect.suspend(() => {
        if (waiting >= maxWaiting) return timedOut
        const since = performance.now()
        const endWait = () => {
          waiting -= 1
          recordWait(performance.now() - since)
        }
        let release = endWait
        const beginWait = Effect.flatMap(Effect.scope, (scope) => {
          waiting += 1
          // `acquireRelease` would copy the context of the request for each statement.
          return Scope.addFinalizer(
            scope,
            Effect.sync(() => release())
          )
        })
        return Effect.uninterruptible(beginWait).pipe(
          Effect.andThen(Effect.timeoutOrElse(session, { duration: acquireTimeoutMs, orElse: () => timedOut })),
          Effect.tap(() =>
            Effect.sync(() => {
              endWait()
              active += 1
              release = () => (active -= 1)
            })
          )
        )
      }),
    /** Counts a read that joins a session without waiting. */
    recordJoin: (): void => recordWait(0),
    /** Whether a session is free or can be opened. */
    hasFreeSession: (): boolean => active + waiting < maxConnections
  }
})

export type Leases = Effect.Success<ReturnType<typeof makeLeases>>
