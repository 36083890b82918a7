import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import { sqlStateOf } from "../domain/SqlState.ts"

/** Whether Postgres refused a statement with this SQLSTATE. */
export const hasState = (error: unknown, state: string): boolean =>
  isSqlError(error) && sqlStateOf(error.reason.cause) === state

const beginSnapshot = Effect.provideService(
  SqlClient.BeginTransaction,
  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
)

/** Postgres locks a table to print its definition. A start or a comparison must not wait for a long ALTER TABLE. */
const limitWaits = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`SELECT pg_catalog.set_config('lock_timeout', '2s', true)`
)

/**
 * Postgres prints definitions as of now, not as of the snapshot. For a key dropped in between it fails with `XX000`,
 * "cache lookup failed".
 */
const isOvertaken = (error: unknown): boolean => hasState(error, "XX000")

/**
 * Runs `look` on one snapshot, in its own read-only transaction, and retries if the catalog changes meanwhile. Not for
 * use within a transaction, which may have chosen its isolation already.
 */
export const inSnapshot = <A, E, R>(look: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.retry(beginSnapshot(sql.withTransaction(Effect.andThen(limitWaits, look))), {
      while: isOvertaken,
      times: 3
    })
  )

/** Whether a statement failed because another session held a lock for too long. */
export const isLocked = (error: unknown): boolean => hasState(error, "55P03")
