import type { PgConnection } from "@effect/sql-pg"
import { Effect, Exit, Scope, Semaphore } from "effect"
import { identity } from "effect/Function"
import type { Duplex } from "node:stream"
import { makeCounter } from "../../metrics/Counter.ts"
import { HasAnswerLimit, makeAnswerLimits } from "./AnswerLimit.ts"
import type { Limited } from "./AnswerLimit.ts"
import { makeLeases } from "./Leases.ts"
import type { LeasesOptions } from "./Leases.ts"
import { makeRenewablePool } from "./RenewablePool.ts"
import type { RenewablePool } from "./RenewablePool.ts"
import { makeSharedReads } from "./SharedReads.ts"
import { makeSockets } from "./Sockets.ts"
import { tryWriteOn } from "./WriteState.ts"

export interface Lease {
  readonly session: PgConnection.PgConnection
  /** Wraps a statement; closes the session if the server does not answer it. */
  readonly limited: Limited
}

export interface SessionPoolOptions extends PgConnection.Config, LeasesOptions {
  readonly stream: () => Duplex
  /** `false` opens a session for each use. */
  readonly pooled: boolean
  readonly minConnections: number
  /** Maximum time to wait for the answer to a statement, in milliseconds; then its session is closed. */
  readonly answerLimitMs: number | undefined
}

const sessionsForReads = (maxConnections: number): number => (maxConnections < 4 ? 0 : 1)

const pingLimitMs = 1000

const countLost = makeCounter("tbg_db_sessions_lost_total", "Sessions closed because a statement got no response")
const logLost = Effect.logWarning("closed unresponsive Postgres connections")

/** Session pool with exclusive and shared leases, a limit on waiting, and metrics. */
export const makeSessionPool = Effect.fnUntraced(function* (options: SessionPoolOptions) {
  const { answerLimitMs, maxConnections, pooled } = options
  const lost = yield* countLost
  const sockets = yield* makeSockets(options.stream)
  const otherSockets = yield* makeSockets(options.stream)
  const outside = { ...options, stream: otherSockets.stream }
  // A session has one lease; the short reads that share it are pipelined.
  const pool = yield* makeRenewablePool(
    { ...options, stream: sockets.stream, multiplex: pooled, multiplexConcurrency: 1 },
    pooled
  )
  const pingPool = yield* makeRenewablePool({ ...outside, minConnections: 0, maxConnections: 1 }, pooled)
  // Runs before the pools close, because a frozen server would delay closing them and the exit of the process.
  yield* Effect.addFinalizer(() => Effect.andThen(sockets.close, otherSockets.close))
  const limitAnswers = yield* makeAnswerLimits
  const leases = yield* makeLeases(options, sockets.count)

  const lease = (
    { get, invalidate }: Pick<RenewablePool, "get" | "invalidate">,
    limitMs: number | undefined,
    onLost: Effect.Effect<void> = Effect.void
  ) =>
    Effect.flatMap(Effect.flatMap(Effect.scope, Scope.fork), (scope) =>
      Effect.map(Scope.provide(get, scope), (session): Lease => {
        if (limitMs === undefined) return { session, limited: identity }
        const discard = Effect.all([invalidate(session), Scope.close(scope, Exit.void), onLost], { discard: true })
        return { session, limited: limitAnswers(limitMs, discard) }
      })
    )

  let renewedAt = 0
  const renew = Effect.suspend(() => {
    renewedAt = performance.now()
    return Effect.all([pool.renew, pingPool.renew, reads.renew], { discard: true })
  })
  /** A network that dropped one connection may have dropped the idle ones too. */
  const renewSince = (leasedAt: number) =>
    Effect.suspend(() => {
      lost(1)
      return leasedAt < renewedAt ? Effect.void : Effect.andThen(renew, logLost)
    })
  const acquire = (get: RenewablePool["get"]) =>
    leases.acquire(Effect.suspend(() => lease({ ...pool, get }, answerLimitMs, renewSince(performance.now()))))

  const exclusive = Semaphore.makeUnsafe(maxConnections - sessionsForReads(maxConnections))
  const pinned = Effect.flatMap(pool.get, (session) => session.pin)
  const exclusively = acquire(Effect.andThen(exclusive.takeScoped(1), pinned))
  const reserve = Effect.flatMap(HasAnswerLimit, (hasLimit) =>
    hasLimit ? exclusively : Effect.map(exclusively, ({ session }) => ({ session, limited: identity }))
  )

  const reads = makeSharedReads(acquire(pool.get), leases, Math.floor(maxConnections / 2))
  /** With a single session, constant shared reads would starve other callers. */
  const isShared = pooled && maxConnections > 1

  return {
    /**
     * Leases a session to one caller until the scope closes: for transactions and slow statements, so that nothing waits
     * behind them, and for writes, because commits overlap only on separate sessions.
     */
    reserve,
    /** Leases a session to a short read, which may share it (see `makeSharedReads`). */
    share: <A, E, R>(f: (lease: Lease) => Effect.Effect<A, E, R>) =>
      isShared ? reads.run(f) : Effect.scoped(Effect.flatMap(reserve, f)),
    /** One round trip on a session outside the pool, so that a busy pool does not look like a frozen server. */
    ping: lease(pingPool, pingLimitMs).pipe(
      Effect.flatMap(({ limited, session }) => limited(session.query("SELECT 1"))),
      Effect.scoped,
      Effect.asVoid
    ),
    tryWrite: tryWriteOn(outside),
    renew,
    figures: leases.figures
  }
})

export type SessionPool = Effect.Success<ReturnType<typeof makeSessionPool>>
