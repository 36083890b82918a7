import type { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import type { PoolFigures } from "../../domain/Health.ts"
import { makePoolMetrics } from "./Metrics.ts"

/** Counts callers that wait for a session and callers that have one; `open` returns the number of sessions. */
export const makeLeases = Effect.fnUntraced(function* (max: number, open: () => number) {
  const callers = new Map<PgConnection.PgConnection, number>()
  let waiting = 0

  const figures = (): PoolFigures => ({
    max,
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
    /** Starts a wait; returns its start time. */
    wait: (): number => {
      waiting++
      return performance.now()
    },
    enter: (session: PgConnection.PgConnection, since: number): void => {
      endWait(since)
      callers.set(session, (callers.get(session) ?? 0) + 1)
    },
    /** Ends a lease, or a wait that got no session. */
    leave: (session: PgConnection.PgConnection | undefined, since: number): void => {
      if (session === undefined) return endWait(since)
      const others = (callers.get(session) ?? 1) - 1
      if (others === 0) callers.delete(session)
      else callers.set(session, others)
    },
    /** Counts a read that joined a session without a wait. */
    joined: (): void => metrics.waited(0),
    /** Sessions that have a caller, or that a caller waits for. */
    taken: (): number => callers.size + waiting
  }
})
