import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { microsOf } from "../projection/Rows.ts"

/** Computes the totals of workers and addresses from their daily rows, in the transaction in progress. */
export const makeTotals = Effect.map(SqlClient.SqlClient, (sql) => {
  /** Adds shares that were dated before a day that was already rebuilt when they arrived. */
  const addLate = sql`
    INSERT INTO tbg_api.mining_rebuild_workers AS t (worker_id, first_at, last_at, difficulty)
    SELECT worker_id, min(at), max(at), (max(ARRAY[${microsOf(sql, "at")}, difficulty]))[2]
    FROM tbg_api.mining_shares WHERE is_counted GROUP BY 1
    ON CONFLICT (worker_id) DO UPDATE SET
      first_at = least(t.first_at, excluded.first_at),
      difficulty = CASE WHEN excluded.last_at <= t.last_at THEN t.difficulty ELSE excluded.difficulty END,
      last_at = greatest(t.last_at, excluded.last_at)`

  /**
   * The time of a first or last share before `firstDay` comes from the old row. If it cannot be right, the time of the
   * best share replaces it.
   */
  const updateWorkers = (firstDay: string) => sql`
    WITH daily AS (
      SELECT worker_id, sum(shares) AS shares, max(ARRAY[best, -${microsOf(sql, "best_at")}]) AS best,
        min(best_at) FILTER (WHERE bucket < ${firstDay}::timestamptz) AS kept_first,
        max(best_at) FILTER (WHERE bucket < ${firstDay}::timestamptz) AS kept_last
      FROM tbg_api.mining_work_1d GROUP BY 1
    ), total AS (
      SELECT w.id, coalesce(d.shares, 0) AS shares, d.best[1] AS best, to_timestamp(-d.best[2] / 1e6) AS best_at,
        CASE
          WHEN d.kept_first IS NULL THEN coalesce(r.first_at, w.first_seen)
          WHEN w.first_seen < ${firstDay}::timestamptz THEN w.first_seen
          ELSE d.kept_first
        END AS first_seen,
        CASE
          WHEN r.last_at IS NOT NULL THEN r.last_at
          WHEN w.last_share_at < ${firstDay}::timestamptz OR d.kept_last IS NULL THEN w.last_share_at
          ELSE d.kept_last
        END AS last_share_at,
        coalesce(r.difficulty, w.difficulty) AS difficulty
      FROM tbg_api.mining_workers w
      LEFT JOIN daily d ON d.worker_id = w.id
      LEFT JOIN tbg_api.mining_rebuild_workers r ON r.worker_id = w.id
    )
    UPDATE tbg_api.mining_workers w SET
      shares = t.shares, best = t.best, best_at = t.best_at,
      first_seen = CASE WHEN t.shares > 0 THEN t.first_seen END,
      last_share_at = CASE WHEN t.shares > 0 THEN t.last_share_at END,
      difficulty = CASE WHEN t.shares > 0 THEN t.difficulty END
    FROM total t WHERE w.id = t.id AND (
      (w.shares, w.best, w.best_at) IS DISTINCT FROM (t.shares, t.best, t.best_at)
      OR (w.first_seen, w.last_share_at, w.difficulty) IS DISTINCT FROM (t.first_seen, t.last_share_at, t.difficulty)
    )`

  const updateAddresses = sql`
    WITH total AS (
      SELECT address_id, sum(shares) AS shares, min(first_seen) AS first_seen, max(last_share_at) AS last_share_at,
        max(ARRAY[best, -${microsOf(sql, "best_at")}, -id]) FILTER (WHERE best IS NOT NULL) AS best
      FROM tbg_api.mining_workers GROUP BY 1
    )
    UPDATE tbg_api.mining_addresses a SET
      shares = t.shares, first_seen = t.first_seen, last_share_at = t.last_share_at,
      best = t.best[1], best_at = to_timestamp(-t.best[2] / 1e6), best_worker_id = -t.best[3]
    FROM total t WHERE a.id = t.address_id`

  return Effect.fnUntraced(function* (firstDay: string) {
    yield* addLate
    yield* updateWorkers(firstDay)
    yield* updateAddresses
    yield* sql`DELETE FROM tbg_api.mining_rebuild_workers`
  })
})
