import { PgConnection, PgPool } from "@effect/sql-pg"
import { Effect, Option, Semaphore } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import { asLost } from "./Fault.ts"

type Session = PgConnection.PgConnection

/** The driver's pool, or the same over a session for each use. */
export interface Lender extends Pick<PgPool.PgPool, "get" | "use"> {
  /** From now on, lends only sessions that are opened after this. Running statements are not cut short. */
  readonly renew: Effect.Effect<void>
}

/**
 * A pool whose sessions can be replaced: a session keeps the settings and the server that it was opened with, even if a
 * new one would get others.
 */
export const renewable = (pool: Pick<PgPool.PgPool, "get" | "use" | "invalidate">): Lender => {
  const generations = new WeakMap<Session, number>()
  let current = 0
  const isOld = (session: Session): boolean => {
    const generation = generations.get(session)
    if (generation === undefined) generations.set(session, current)
    return generation !== undefined && generation < current
  }

  const get: Lender["get"] = Effect.flatMap(pool.get, (session) =>
    isOld(session) ? Effect.andThen(pool.invalidate(session), get) : Effect.succeed(session)
  )
  const use: Lender["use"] = (f) =>
    Effect.suspend(() => {
      // Every statement comes here, so before the first renewal it costs a lookup.
      if (current === 0) {
        return pool.use((session) => {
          isOld(session)
          return f(session)
        })
      }
      const lent = pool.use((session) =>
        isOld(session) ? Effect.as(pool.invalidate(session), Option.none()) : Effect.asSome(f(session))
      )
      return Effect.flatMap(lent, (result) => (Option.isSome(result) ? Effect.succeed(result.value) : use(f)))
    })
  return { get, use, renew: Effect.sync(() => void (current += 1)) }
}

/** A server that is starting or stopping may refuse a session only at checkout. */
const withLostConnections = ({ get, renew, use }: Lender): Lender => ({
  get: Effect.mapError(get, asLost),
  use: (f) => Effect.mapError(use(f), (error) => (isSqlError(error) ? asLost(error) : error)),
  renew
})

export const makePooled = (config: PgPool.Config) =>
  Effect.map(PgPool.make(config), (pool) => withLostConnections(renewable(pool)))

export const makeUnpooled = (config: PgPool.Config & { readonly maxConnections: number }): Lender => {
  const permits = Semaphore.makeUnsafe(config.maxConnections)
  const get = Effect.andThen(permits.takeScoped(1), PgConnection.make(config))
  return withLostConnections({ get, use: (f) => Effect.scoped(Effect.flatMap(get, f)), renew: Effect.void })
}
