import { Effect, Predicate } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"

const beginSnapshot = Effect.provideService(
  SqlClient.BeginTransaction,
  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
)

/**
 * Postgres prints the definitions of a catalog as of now, and not as of the snapshot: of a key that was dropped in
 * between it says `XX000`, "cache lookup failed".
 */
const isOvertaken = (error: unknown): boolean =>
  isSqlError(error) && Predicate.hasProperty(error.reason.cause, "code") && error.reason.cause.code === "XX000"

/**
 * Runs `look` as of one moment, in a transaction of its own that cannot write, and anew where the catalog changes under
 * it. Not for use within a transaction, which may have chosen its isolation already.
 */
export const inSnapshot = <A, E, R>(look: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.retry(beginSnapshot(sql.withTransaction(look)), { while: isOvertaken, times: 3 })
  )
