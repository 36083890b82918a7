import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { IsShortRead } from "../domain/Dependency.ts"

/** Retries are at most a tenth of the reads, so that a database in trouble gets no extra load. */
const earned = 0.1
/** Maximum number of saved-up retries: all short reads in flight in a full pool, which can be lost at once. */
const most = 80
/** Long enough for the pool to notice the other sessions that were lost with this one. */
const pause = "20 millis"

/** Whether the session was lost during the statement. A retry does not help a caller that never got a session. */
const isSessionLost = ({ reason }: SqlError): boolean =>
  reason._tag === "ConnectionError" && reason.operation === "query"

/**
 * Runs a statement that only reads, and runs it once more if its session was lost: after a restart or a failover each
 * session fails once. A write is never repeated, because it may have been done before the answer was lost.
 */
export type Read = <A, R>(statement: Effect.Effect<A, SqlError, R>) => Effect.Effect<A, SqlError, R>

/** A budget of retries, for statements outside of transactions. */
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

/** One budget for all reads of the same database. */
const budgets = new WeakMap<SqlClient.SqlClient, Read>()

/** `short` shares sessions, for reads of about a millisecond; `long` takes a session of its own. */
export const reads = Effect.map(SqlClient.SqlClient, (sql): { readonly short: Read; readonly long: Read } => {
  const long = budgets.get(sql) ?? makeRead()
  budgets.set(sql, long)
  return { short: (statement) => long(Effect.provideService(statement, IsShortRead, true)), long }
})
