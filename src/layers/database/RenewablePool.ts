import { PgPool } from "@effect/sql-pg"
import type { PgConnection } from "@effect/sql-pg"
import { Effect, Exit, Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { asLost } from "./Fault.ts"

export interface RenewablePool extends Pick<PgPool.PgPool, "get" | "invalidate"> {
  /** Replaces all sessions; running statements finish on the old ones. */
  readonly renew: Effect.Effect<void>
}

/**
 * Pool of the driver whose sessions can be replaced. A session keeps its server and settings even if new sessions would
 * get others, for example after a failover. If `pooled` is false, each session is leased once.
 */
export const makeRenewablePool = Effect.fnUntraced(function* (config: PgPool.Config, pooled = true) {
  const scope = yield* Effect.scope
  const open = Effect.gen(function* () {
    const ownScope = yield* Scope.fork(scope)
    const pool = yield* Scope.provide(PgPool.make(pooled ? config : { ...config, minConnections: 0 }), ownScope)
    const once = Effect.tap(pool.get, (session) => Effect.addFinalizer(() => pool.invalidate(session)))
    return { ownScope, get: pooled ? pool.get : once, invalidate: pool.invalidate }
  })
  let current = yield* open
  // Closing a pool interrupts the callers that wait for it. They continue with the new pool.
  const get: Effect.Effect<PgConnection.PgConnection, SqlError, Scope.Scope> = Effect.suspend(() => {
    const pool = current
    return Effect.catchCauseIf(
      pool.get,
      () => pool !== current,
      () => get
    )
  })
  return {
    // A server that is starting or stopping may refuse a session only at checkout.
    get: Effect.mapError(get, asLost),
    invalidate: (session) => current.invalidate(session),
    renew: Effect.gen(function* () {
      const former = current
      current = yield* Effect.orDie(open)
      // Waits for running statements.
      yield* Effect.forkDetach(Scope.close(former.ownScope, Exit.void))
    })
  } satisfies RenewablePool
})
