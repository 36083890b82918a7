import { PgPool } from "@effect/sql-pg"
import type { PgConnection } from "@effect/sql-pg"
import { Effect, Exit, Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { asLost } from "./Fault.ts"

export interface RenewablePool extends Pick<PgPool.PgPool, "get" | "invalidate"> {
  /** Leases only sessions opened after this call; running statements finish on theirs. */
  readonly renew: Effect.Effect<void>
}

/**
 * The driver's pool, with a way to replace all of its sessions. A session keeps its server and its settings, even if new
 * sessions would get others. If `pooled` is false, each session is leased only once.
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
  // A pool that closes interrupts the callers that wait for it; they continue with the new pool.
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
