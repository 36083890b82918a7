import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import { sqlStateOf } from "../domain/SqlState.ts"

/** Whether Postgres refused a statement with this SQLSTATE. */
export const hasState = (error: unknown, state: string): boolean =>
  isSqlError(error) && sqlStateOf(error.reason.cause) === state

/**
 * Postgres prints definitions as of now, not as of the snapshot. If a key was dropped in between, it fails with `XX000`,
 * "cache lookup failed".
 */
const isOutdated = (error: unknown): boolean => hasState(error, "XX000")

/**
 * Runs `read` on one snapshot, in its own read-only transaction, and retries if the catalog changes meanwhile. Not for
 * use within a transaction, which may have set its isolation level already.
 */
export const inSnapshot = <A, E, R>(read: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    // Postgres locks a table to print its definition. Startup must not wait for a long ALTER TABLE.
    const limitWaits = sql`SELECT pg_catalog.set_config('lock_timeout', '2s', true)`
    return yield* sql.withTransaction(Effect.andThen(limitWaits, read))
  }).pipe(
    Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    Effect.retry({ while: isOutdated, times: 3 })
  )

/** Whether a statement failed because another session held a lock for too long. */
export const isLocked = (error: unknown): boolean => hasState(error, "55P03")
