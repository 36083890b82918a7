import { PgConnection, PgPool } from "@effect/sql-pg"
import { Effect, Exit, Scope, Semaphore } from "effect"
import { asLost } from "./Fault.ts"

/** The driver's pool, or the same over a session for each use. */
export interface Lender extends Pick<PgPool.PgPool, "get" | "invalidate"> {
  /** Lends only sessions opened after this call; running statements finish on theirs. */
  readonly renew: Effect.Effect<void>
}

/**
 * A pool that can be replaced: a session keeps the settings and the server that it was opened with, even if a new one
 * would get others.
 */
export const makePooled = Effect.fnUntraced(function* (config: PgPool.Config) {
  const scope = yield* Effect.scope
  const open = Effect.gen(function* () {
    const own = yield* Scope.fork(scope)
    return { own, pool: yield* Scope.provide(PgPool.make(config), own) }
  })
  let current = yield* open
  return {
    // A server that is starting or stopping may refuse a session only at checkout.
    get: Effect.mapError(
      Effect.suspend(() => current.pool.get),
      asLost
    ),
    invalidate: (session) => current.pool.invalidate(session),
    renew: Effect.gen(function* () {
      const former = current
      current = yield* Effect.orDie(open)
      // Waits for running statements.
      yield* Effect.forkDetach(Scope.close(former.own, Exit.void))
    })
  } satisfies Lender
})

export const makeUnpooled = (config: PgPool.Config & { readonly maxConnections: number }): Lender => {
  const permits = Semaphore.makeUnsafe(config.maxConnections)
  return {
    get: Effect.andThen(permits.takeScoped(1), Effect.mapError(PgConnection.make(config), asLost)),
    invalidate: () => Effect.void,
    renew: Effect.void
  }
}
