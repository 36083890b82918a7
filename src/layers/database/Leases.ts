import type { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import type { PoolFigures } from "../../domain/Health.ts"
import { makePoolMetrics } from "./Metrics.ts"

interface LeasesOptions {
  readonly maxConnections: number
  readonly multiplexConcurrency: number
}

/** Who waits for a session and who has one, counted; `open` tells how many there are. */
export const makeLeases = Effect.fnUntraced(function* (options: LeasesOptions, open: () => number) {
  const callers = new Map<PgConnection.PgConnection, number>()
  let leased = 0
  let reserved = 0
  let waiting = 0

  const figures = (): PoolFigures => ({
    max: options.maxConnections,
    total: open(),
    active: callers.size,
    idle: Math.max(0, open() - callers.size),
    waiting
  })
  const metrics = yield* makePoolMetrics(figures)

  const endWait = (since: number): void => {
    waiting--
    metrics.waited(performance.now() - since)
  }
  return {
    figures,
    /** Begins to wait; gives since when. */
    wait: (): number => {
      waiting++
      return performance.now()
    },
    enter: (session: PgConnection.PgConnection, since: number): void => {
      endWait(since)
      leased++
      callers.set(session, (callers.get(session) ?? 0) + 1)
    },
    /** Of whoever has waited; without a session it was in vain. */
    leave: (session: PgConnection.PgConnection | undefined, since: number): void => {
      if (session === undefined) return endWait(since)
      leased--
      const others = (callers.get(session) ?? 1) - 1
      if (others === 0) callers.delete(session)
      else callers.set(session, others)
    },
    /** A reserved session has room for nobody else. */
    reserve: (more: 1 | -1): void => {
      reserved += more
    },
    hasSpare: (): boolean => waiting === 0 && leased - reserved < (open() - reserved) * options.multiplexConcurrency
  }
})
