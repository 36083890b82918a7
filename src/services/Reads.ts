import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { IsShortRead } from "../domain/Dependency.ts"

/** Limits retries to a tenth of the reads, so that they do not overload a failing database. */
const retriesPerRead = 0.1
/** All short reads in flight in a full pool, which can be lost at once. */
const maxRetries = 80
/** Long enough for the pool to notice other sessions that were lost at the same time. */
const retryDelay = "20 millis"

/** A retry does not help a caller that never got a session. */
const isSessionLost = ({ reason }: SqlError): boolean =>
  reason._tag === "ConnectionError" && reason.operation === "query"

/**
 * Runs a read-only statement, and retries it once if its session was lost. After a restart or a failover, each session
 * fails once. Writes are not retried, because a lost response does not mean that the write failed.
 */
export type Read = <A, R>(statement: Effect.Effect<A, SqlError, R>) => Effect.Effect<A, SqlError, R>

/** Makes a reader with its own retry budget, for statements outside of transactions. */
export const makeRead = (): Read => {
  let retries = maxRetries
  const takeRetry = (error: SqlError): boolean => {
    if (!isSessionLost(error) || retries < 1) return false
    retries -= 1
    return true
  }
  return (statement) =>
    Effect.suspend(() => {
      retries = Math.min(maxRetries, retries + retriesPerRead)
      return Effect.catchIf(statement, takeRetry, () => Effect.delay(statement, retryDelay))
    })
}

const budgets = new WeakMap<SqlClient.SqlClient, Read>()

/** `short` is for reads of about a millisecond, which share sessions. `long` has its own session. */
export const reads = Effect.map(SqlClient.SqlClient, (sql): { readonly short: Read; readonly long: Read } => {
  const long = budgets.get(sql) ?? makeRead()
  budgets.set(sql, long)
  return { short: (statement) => long(Effect.provideService(statement, IsShortRead, true)), long }
})
