import { Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { hashrateOf, plainWindows } from "../../domain/mining/Dashboard.ts"
import { isOnline } from "./Online.ts"
import { timeOf } from "./Spans.ts"

/** SQL for all workers of some addresses, with `online`. */
export const workersOf = (sql: SqlClient.SqlClient, addresses: ReadonlyArray<string>, now: number) => sql`
  SELECT w.*, ${isOnline(sql, timeOf(now))} AS online FROM tbg_api.mining_workers w
  JOIN tbg_api.mining_addresses a ON a.id = w.address_id WHERE a.address = ANY (${addresses}::text[])`

/** Sums of `sumsOf`. */
export const sums = {
  work_1m: Schema.Finite,
  work_5m: Schema.Finite,
  work_1h: Schema.Finite,
  work_24h: Schema.Finite
}
type Sums = Readonly<Record<keyof typeof sums, number>>

/** SQL for the work in each window, as columns over rows of `window`, `difficulty` and `shares`. */
export const sumsOf = (sql: SqlClient.SqlClient) =>
  sql.literal(
    plainWindows
      .map((window) => `coalesce(sum(difficulty * shares) FILTER (WHERE "window" = '${window}'), 0) AS work_${window}`)
      .join(", ")
  )

export const hashratesOf = (row: Sums) => ({
  hashrate_1m: hashrateOf(row.work_1m, "1m"),
  hashrate_5m: hashrateOf(row.work_5m, "5m"),
  hashrate_1h: hashrateOf(row.work_1h, "1h"),
  hashrate_24h: hashrateOf(row.work_24h, "24h")
})

/** SQL for the work of workers in a part of the last 2 hours, share by share. */
export const rawWork = (sql: SqlClient.SqlClient, workers: Statement.Fragment, since: number, until: number) => sql`
  (SELECT coalesce(sum(r.difficulty), 0) FROM tbg_api.mining_shares r
  WHERE r.worker_id = ANY (${workers}) AND r.is_counted
    AND r.at > ${timeOf(since)}::timestamptz AND r.at <= ${timeOf(until)}::timestamptz)`
