import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { DashboardWorker } from "../../domain/mining/Dashboard.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { hashratesOf, sums, sumsOf, workersOf } from "./DashboardSql.ts"
import { rowsOf, textOf } from "./Rows.ts"
import { timeOf } from "./Spans.ts"
import { workOfWorkers } from "./WorkSums.ts"

const { best_diff, connected_at, current_diff, last_share, name } = DashboardWorker.fields

const Row = Schema.Struct({
  name,
  online: Schema.Boolean,
  current_diff,
  best_diff,
  shares: Schema.BigInt,
  last_share,
  connected_at,
  session: Schema.NullOr(Schema.BigInt),
  ...sums
})

const workerOf = (row: typeof Row.Type): DashboardWorker => ({
  name: row.name,
  status: row.online ? "online" : "offline",
  ...hashratesOf(row),
  current_diff: row.current_diff,
  best_diff: row.best_diff,
  valid_shares: Number(row.shares),
  invalid_shares: null,
  accept_rate: null,
  last_share: row.last_share,
  connected_at: row.connected_at,
  ip_address: null,
  user_agent: null,
  shares_session: row.session === null ? null : Number(row.session)
})

/**
 * SQL for the shares of a worker `w` since it connected. Single shares are kept for 2 hours, buckets of 5 minutes for 8
 * days, and buckets of an hour for 35 days. The count begins at the start of the finest bucket that is still complete.
 */
const sharesOfSession = (sql: SqlClient.SqlClient, now: number) => {
  const to = timeOf(now)
  const buckets = (table: string, since: string, until: string) =>
    `coalesce((SELECT sum(r.shares) FROM tbg_api.mining_work_${table} r
      WHERE r.worker_id = w.id AND r.bucket >= ${since} AND r.bucket < ${until}), 0)`
  return sql`
    CASE WHEN w.connected_at > ${to}::timestamptz - interval '2 hours' THEN (
      SELECT count(*) FROM tbg_api.mining_shares r
      WHERE r.worker_id = w.id AND r.is_counted AND r.at >= w.connected_at AND r.at <= ${to}::timestamptz
    ) WHEN w.connected_at IS NOT NULL THEN (
      SELECT ${sql.literal(buckets("5m", "s.since", "s.hour"))} + ${sql.literal(buckets("1h", "s.hour", "s.day"))} +
        ${sql.literal(buckets("1d", "s.day", "'infinity'"))}
      FROM (
        SELECT x.since, date_bin('1 hour', x.since + interval '1 hour' - interval '1 microsecond', 'epoch') AS hour,
          date_bin('1 day', x.since + interval '1 day' - interval '1 microsecond', 'epoch') AS day
        FROM (
          SELECT date_bin(CASE WHEN w.connected_at > ${to}::timestamptz - interval '7 days' THEN interval '5 minutes'
            WHEN w.connected_at > ${to}::timestamptz - interval '34 days' THEN interval '1 hour'
            ELSE interval '1 day' END, w.connected_at, 'epoch') AS since
        ) x
      ) s
    ) END`
}

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long } = yield* reads
  const rows = rowsOf(Row)

  const list = Effect.fnUntraced(function* (addresses: ReadonlyArray<string>, now: number) {
    const found = yield* rows(
      long(sql`
        WITH own AS MATERIALIZED (${workersOf(sql, addresses, now)}),
        rates AS MATERIALIZED (
          SELECT worker, ${sumsOf(sql)}
          FROM (${workOfWorkers(sql, sql`ARRAY(SELECT id FROM own)`, now)}) work GROUP BY 1
        )
        SELECT w.name, w.online, w.difficulty AS current_diff, w.best AS best_diff, w.shares,
          ${textOf(sql, "w.last_share_at")} AS last_share, ${textOf(sql, "w.connected_at")} AS connected_at,
          (${sharesOfSession(sql, now)})::bigint AS session,
          coalesce(r.work_1m, 0) AS work_1m, coalesce(r.work_5m, 0) AS work_5m, coalesce(r.work_1h, 0) AS work_1h,
          coalesce(r.work_24h, 0) AS work_24h
        FROM own w LEFT JOIN rates r ON r.worker = w.id ORDER BY w.name COLLATE "C", w.id`)
    )
    return found.map(workerOf)
  })

  return { list: traced("DashboardWorkers.list", list) }
})

/** Workers of a player. */
export class DashboardWorkers extends Context.Service<
  DashboardWorkers,
  {
    /** All workers of some addresses, by name in the order of its bytes. */
    readonly list: (addresses: ReadonlyArray<string>, now: number) => Effect.Effect<ReadonlyArray<DashboardWorker>>
  }
>()("tbg-api/services/mining/DashboardWorkers") {
  static readonly layer = Layer.effect(DashboardWorkers, make)
}
