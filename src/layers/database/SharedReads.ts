import { Cause, Deferred, Effect, Exit, Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Leases } from "./Leases.ts"
import type { Lease } from "./SessionPool.ts"

/** Session that short reads share until none of them uses it. */
interface SharedSession {
  readonly lease: Deferred.Deferred<Lease, SqlError>
  readonly scope: Scope.Closeable
  readers: number
  /** Number of reads that may still join. */
  vacancies: number
}

/**
 * Maximum number of reads before a session must become idle. Until it is idle, the driver keeps the state of all reads
 * (`pipelineInFlight` in @effect/sql-pg 4.0.5).
 */
export const readsPerSession = 64

/**
 * Spreads short reads over at most `maxSessions` sessions. A read takes a free session, or else joins the one with the
 * fewest readers, where the driver pipelines its statement. `acquire` leases a session to this caller alone.
 */
export const makeSharedReads = (
  acquire: Effect.Effect<Lease, SqlError, Scope.Scope>,
  { hasFreeSession, recordJoin }: Pick<Leases, "hasFreeSession" | "recordJoin">,
  maxSessions: number
) => {
  let joinable: ReadonlyArray<SharedSession> = []
  let sessions = 0

  /** The lease outlives the reader that opens it, because other readers may wait for it. */
  const open = Effect.suspend(() => {
    const shared = {
      lease: Deferred.makeUnsafe<Lease, SqlError>(),
      scope: Scope.makeUnsafe(),
      readers: 1,
      vacancies: readsPerSession - 1
    }
    joinable = [...joinable, shared]
    sessions += 1
    const opening = Deferred.into(Scope.provide(acquire, shared.scope), shared.lease)
    return Effect.as(Effect.forkIn(Effect.interruptible(opening), shared.scope, { startImmediately: true }), shared)
  })

  const close = (shared: SharedSession): void => {
    joinable = joinable.filter((one) => one !== shared)
  }

  const enter = Effect.suspend((): Effect.Effect<SharedSession> => {
    const [first, ...others] = joinable
    if (first === undefined || (sessions < maxSessions && hasFreeSession())) return open
    const least = others.reduce((least, one) => (one.readers < least.readers ? one : least), first)
    least.readers += 1
    least.vacancies -= 1
    if (least.vacancies === 0) close(least)
    recordJoin()
    return Effect.succeed(least)
  })

  const leave = (shared: SharedSession): Effect.Effect<void> =>
    Effect.suspend(() => {
      shared.readers -= 1
      if (shared.readers > 0) return Effect.void
      close(shared)
      sessions -= 1
      return Scope.close(shared.scope, Exit.void)
    })

  /** An interrupted read leaves its statement on the session, which stays shared until the server answers it. */
  const leaveOnceAnswered = (shared: SharedSession) =>
    Deferred.await(shared.lease).pipe(
      Effect.flatMap(({ limited, session }) => limited(session.query("SELECT 1"))),
      Effect.ignore,
      Effect.ensuring(leave(shared)),
      Effect.forkDetach({ startImmediately: true })
    )

  return {
    run: <A, E, R>(f: (lease: Lease) => Effect.Effect<A, E, R>) =>
      Effect.acquireUseRelease(
        enter,
        ({ lease }) => Effect.flatMap(Deferred.await(lease), f),
        (shared, exit) =>
          Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause) && Deferred.isDoneUnsafe(shared.lease)
            ? leaveOnceAnswered(shared)
            : leave(shared)
      ),
    /** Prevents further reads from joining current sessions. */
    renew: Effect.sync(() => {
      joinable = []
    })
  }
}
