import { PgPool } from "@effect/sql-pg"
import { Effect, Exit, Scope } from "effect"
import { asLost } from "./Fault.ts"

/** The driver's pool, which can be replaced. */
export interface Lender extends Pick<PgPool.PgPool, "get" | "invalidate"> {
  /** Lends only sessions opened after this call; running statements finish on theirs. */
  readonly renew: Effect.Effect<void>
}

/**
 * Lends sessions of the driver's pool. If `pooled` is false, each session is lent only once. A session keeps its
 * settings and its server, even if they have changed for new sessions. `renew` replaces all sessions.
 */
export const makeLender = Effect.fnUntraced(function* (config: PgPool.Config, pooled = true) {
  const scope = yield* Effect.scope
  const open = Effect.gen(function* () {
    const own = yield* Scope.fork(scope)
    const pool = yield* Scope.provide(PgPool.make(pooled ? config : { ...config, minConnections: 0 }), own)
    const once = Effect.tap(pool.get, (session) => Effect.addFinalizer(() => pool.invalidate(session)))
    // A server that is starting or stopping may refuse a session only at checkout.
    return { own, get: Effect.mapError(pooled ? pool.get : once, asLost), invalidate: pool.invalidate }
  })
  let current = yield* open
  return {
    get: Effect.suspend(() => current.get),
    invalidate: (session) => current.invalidate(session),
    renew: Effect.gen(function* () {
      const former = current
      current = yield* Effect.orDie(open)
      // Waits for running statements.
      yield* Effect.forkDetach(Scope.close(former.own, Exit.void))
    })
  } satisfies Lender
})
