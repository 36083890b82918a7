import type { PgConnection } from "@effect/sql-pg"
import { Deferred, Effect, Exit, Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"

export interface SharedReadsOptions {
  /** Lends a session to this caller alone. */
  readonly acquire: Effect.Effect<PgConnection.PgConnection, SqlError, Scope.Scope>
  /** Whether the pool would lend a session at once. */
  readonly hasFreeSession: () => boolean
  /** Maximum number of sessions that short reads take together. */
  readonly maxSessions: number
  /** Runs for each read that joins a session. */
  readonly joined: () => void
}

/** A session that belongs to short reads for as long as one of them uses it. */
interface SharedSession {
  readonly session: Deferred.Deferred<PgConnection.PgConnection, SqlError>
  readonly scope: Scope.Closeable
  readers: number
}

/**
 * Spreads short reads over sessions: a read takes a free session, or else joins the one with the fewest readers, where
 * the driver pipelines its statement.
 */
export const makeSharedReads = ({ acquire, hasFreeSession, joined, maxSessions }: SharedReadsOptions) => {
  let joinable: ReadonlyArray<SharedSession> = []

  /** The session belongs to all readers, so the one that asked for it may give up while others wait for it. */
  const open = Effect.suspend(() => {
    const shared: SharedSession = { session: Deferred.makeUnsafe(), scope: Scope.makeUnsafe(), readers: 1 }
    joinable = [...joinable, shared]
    const opening = Deferred.into(Scope.provide(acquire, shared.scope), shared.session)
    return Effect.as(Effect.forkIn(Effect.interruptible(opening), shared.scope, { startImmediately: true }), shared)
  })

  const enter = Effect.suspend(() => {
    const [first, ...others] = joinable
    if (first === undefined || (joinable.length < maxSessions && hasFreeSession())) return open
    const least = others.reduce((least, one) => (one.readers < least.readers ? one : least), first)
    least.readers += 1
    joined()
    return Effect.succeed(least)
  })

  const leave = (shared: SharedSession): Effect.Effect<void> =>
    Effect.suspend(() => {
      shared.readers -= 1
      if (shared.readers > 0) return Effect.void
      joinable = joinable.filter((one) => one !== shared)
      return Scope.close(shared.scope, Exit.void)
    })

  return {
    run: <A, E, R>(f: (session: PgConnection.PgConnection) => Effect.Effect<A, E, R>) =>
      Effect.acquireUseRelease(enter, ({ session }) => Effect.flatMap(Deferred.await(session), f), leave),
    /** From now on, no read joins a session that is in use. */
    renew: Effect.sync(() => {
      joinable = []
    })
  }
}
