import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { unlisted } from "./SearchPath.ts"
import { sqlStateOf } from "./SqlState.ts"

const beginSnapshot = Effect.provideService(
  SqlClient.BeginTransaction,
  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
)

/** Settings on which the text of a definition depends, with the values for which ours are written. */
const printing = {
  quote_all_identifiers: "off",
  IntervalStyle: "postgres",
  DateStyle: "ISO, MDY",
  TimeZone: "UTC",
  bytea_output: "hex",
  extra_float_digits: "1"
}

const pin = (settings: Readonly<Record<string, string>>) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      SELECT pg_catalog.set_config(key, value, true) FROM pg_catalog.json_each_text(${JSON.stringify(settings)}::json)`
  ).pipe(unlisted)

/** For the rest of a transaction definitions are printed as ours are written, whatever the database's defaults. */
export const pinPrinting = pin(printing)

/** Postgres locks a table to print its definition. Whoever starts or looks must not wait for a long ALTER TABLE. */
const lockTimeout = "2s"

/**
 * Postgres prints the definitions of a catalog as of now, and not as of the snapshot: of a key that was dropped in
 * between it says `XX000`, "cache lookup failed".
 */
const isOvertaken = (error: unknown): boolean => sqlStateOf(error) === "XX000"

/**
 * Runs `look` as of one moment, in a transaction of its own that cannot write, and anew if the catalog changes under
 * it. Not for use within a transaction, which may have chosen its isolation already.
 */
export const inSnapshot = <A, E, R>(look: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.retry(
      beginSnapshot(
        sql.withTransaction(Effect.andThen(pin({ ...printing, lock_timeout: lockTimeout }), look))
      ),
      { while: isOvertaken, times: 3 }
    )
  )

/** Whether a statement failed because another session held a lock for too long. */
export const isLocked = (error: unknown): boolean => sqlStateOf(error) === "55P03"
