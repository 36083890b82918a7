import { PgConnection, PgPool } from "@effect/sql-pg"
import { Effect, Option, Semaphore } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import { asLost } from "./Fault.ts"

type Session = PgConnection.PgConnection

/** The driver's pool, or its interface with a new session for each use. */
export interface Lender extends Pick<PgPool.PgPool, "get" | "use"> {
  /** Lends only sessions opened after this call; running statements finish on theirs. */
  readonly renew: Effect.Effect<void>
}

/** Pool whose sessions can be replaced, because a session keeps the settings and the server it was opened with. */
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
      // Every statement takes this path, so before the first renewal it costs only a lookup.
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
