import { PgConnection, PgPool } from "@effect/sql-pg"
import { Effect, Exit, Scope, Semaphore } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import { asLost } from "./Fault.ts"

/** The driver's pool, or the same over a session for each use. */
export interface Lender extends Pick<PgPool.PgPool, "get" | "use"> {
  /** From now on, lends only sessions that are opened after this. Running statements are not cut short. */
  readonly renew: Effect.Effect<void>
}

/** A server that is starting or stopping may refuse a session only at checkout. */
const withLostConnections = ({ get, renew, use }: Lender): Lender => ({
  get: Effect.mapError(get, asLost),
  use: (f) => Effect.mapError(use(f), (error) => (isSqlError(error) ? asLost(error) : error)),
  renew
})

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
  return withLostConnections({
    get: Effect.suspend(() => current.pool.get),
    use: (f) => Effect.suspend(() => current.pool.use(f)),
    renew: Effect.gen(function* () {
      const former = current
      current = yield* Effect.orDie(open)
      // Waits for running statements.
      yield* Effect.forkDetach(Scope.close(former.own, Exit.void))
    })
  })
})

export const makeUnpooled = (config: PgPool.Config & { readonly maxConnections: number }): Lender => {
  const permits = Semaphore.makeUnsafe(config.maxConnections)
  const get = Effect.andThen(permits.takeScoped(1), PgConnection.make(config))
  return withLostConnections({ get, use: (f) => Effect.scoped(Effect.flatMap(get, f)), renew: Effect.void })
}
