import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import { sqlStateOf } from "../domain/SqlState.ts"

export const hasState = (error: unknown, state: string): boolean =>
  isSqlError(error) && sqlStateOf(error.reason.cause) === state

/** Postgres prints current definitions, not those of the snapshot, and fails if an object was dropped meanwhile. */
const isOutdated = (error: unknown): boolean => hasState(error, "XX000")

/** Runs `read` on its own read-only snapshot; retries if the catalog changes. Not for use within a transaction. */
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

/** Whether another session held a lock for too long. */
export const isLocked = (error: unknown): boolean => hasState(error, "55P03")
