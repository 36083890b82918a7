import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"

/** Retries are a tenth of the reads at most, so that a database in need gets no more to do than that. */
const earned = 0.1
/** What may be saved up: as many as the sessions of a pool share at once, all of which may be lost at once. */
const most = 640
/** Long enough for the other sessions that were lost with this one to be known for it. */
const pause = "20 millis"

/** Whether the session was lost under the statement; of one that never got a session the next would fare no better. */
const isSessionLost = ({ reason }: SqlError): boolean =>
  reason._tag === "ConnectionError" && reason.operation === "query"

/**
 * Runs statements that only read, and runs one again, once, when its session was lost: after a restart or a failover
 * each session fails once. A write is never run again, as it may have been done before the answer was lost.
 */
export type Read = <A, R>(statement: Effect.Effect<A, SqlError, R>) => Effect.Effect<A, SqlError, R>

/** A budget of its own, for statements outside of transactions. */
export const makeRead = (): Read => {
  let saved = most
  const again = (error: SqlError): boolean => {
    if (!isSessionLost(error) || saved < 1) return false
    saved -= 1
    return true
  }
  return (statement) =>
    Effect.suspend(() => {
      saved = Math.min(most, saved + earned)
      return Effect.catchIf(statement, again, () => Effect.delay(statement, pause))
    })
}

/** One budget for all that reads from the same database. */
const budgets = new WeakMap<SqlClient.SqlClient, Read>()

export const reads = Effect.map(SqlClient.SqlClient, (sql): Read => {
  const read = budgets.get(sql) ?? makeRead()
  budgets.set(sql, read)
  return read
})
