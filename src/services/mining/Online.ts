import type { SqlClient } from "effect/sql"
import { onlineRule } from "../../domain/mining/WorkerSummary.ts"

/**
 * SQL for whether a worker is online at `now`: a row `w` of `mining_workers` whose last share or connect is within 5
 * minutes, or within 6 times the mean share interval of the 24 hours before its last share.
 */
export const isOnline = (sql: SqlClient.SqlClient, now: string) => {
  const active = sql.literal("greatest(w.last_share_at, w.connected_at)")
  return sql`CASE
    WHEN ${active} >= ${now}::timestamptz - make_interval(secs => ${onlineRule.seconds}) THEN true
    WHEN w.last_share_at IS NULL THEN false
    ELSE ${active} >= ${now}::timestamptz - ${onlineRule.intervals} *
      least(interval '24 hours', w.last_share_at - w.first_seen) / (
        SELECT greatest(coalesce(sum(r.shares), 0) - 1, 1)::double precision FROM tbg_api.mining_work_1h r
        WHERE r.worker_id = w.id AND r.bucket > w.last_share_at - interval '24 hours' AND r.bucket <= w.last_share_at
      )
    END`
}
