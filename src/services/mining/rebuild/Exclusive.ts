import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { inBaselineSchema } from "../../../baseline/SearchPath.ts"
import type { Span } from "./Archive.ts"
import { flushed } from "./Days.ts"

/**
 * Transaction that no commit of the leader overlaps. It has one snapshot, taken when it has the lock, so that all its
 * statements read the same rows of `shares`. The limit ends it if this process freezes.
 */
export const makeExclusively = Effect.map(
  SqlClient.SqlClient,
  (sql) =>
    <A, E, R>(work: Effect.Effect<A, E, R>) =>
      Effect.gen(function* () {
        yield* sql`SET LOCAL statement_timeout = 0`
        yield* sql`SET LOCAL lock_timeout = 0`
        yield* sql`SET LOCAL idle_in_transaction_session_timeout = '10s'`
        yield* sql`SET LOCAL extra_float_digits = 1`
        // Groups of a day have a row for each worker and five minutes.
        yield* sql`SET LOCAL work_mem = '128MB'`
        yield* sql`LOCK TABLE tbg_api.mining_state IN SHARE ROW EXCLUSIVE MODE`
        return yield* Effect.provideService(inBaselineSchema(work), SqlClient.SqlClient, sql)
      }).pipe(
        sql.withTransaction,
        Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL REPEATABLE READ")
      )
)

/**
 * Narrows gaps that are not refilled yet, because their shares in the span are counted now. The new term
 * rejects what the leader has already read to refill them.
 */
export const makeNarrowGaps = Effect.map(SqlClient.SqlClient, (sql) => ({ now, until }: Span, isLast: boolean) => {
  const end = isLast ? sql`to_timestamp(${now - flushed}::double precision / 1e6)` : sql`${until}::timestamptz`
  return sql`
    WITH narrowed AS (
      UPDATE tbg_api.mining_gaps SET
        from_at = least(next_at, ${end}),
        finished_at = CASE WHEN next_at <= ${end} THEN clock_timestamp() END
      WHERE finished_at IS NULL AND from_at < ${end} RETURNING id
    )
    UPDATE tbg_api.mining_state SET
      version = version + 1, term = term + CASE WHEN EXISTS (SELECT FROM narrowed) THEN 1 ELSE 0 END`
})
