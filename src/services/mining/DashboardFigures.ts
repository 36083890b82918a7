import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { changeOf, DashboardHashrate, DashboardStats, hashrateOf } from "../../domain/mining/Dashboard.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { hashratesOf, rawWork, sums, sumsOf, workersOf } from "./DashboardSql.ts"
import { periodsOf } from "./Periods.ts"
import { blocksFound } from "./PoolBlocks.ts"
import { PoolState } from "./PoolState.ts"
import { rowOf, textOf } from "./Rows.ts"
import { timeOf } from "./Spans.ts"
import { workOfWorkers } from "./WorkSums.ts"

const counts = { online: Schema.BigInt, total: Schema.BigInt, shares_today: Schema.BigInt }

const HashrateRow = Schema.Struct({
  ...sums,
  ...counts,
  best_diff_today: DashboardHashrate.fields.best_diff_today,
  best_diff_alltime: DashboardHashrate.fields.best_diff_alltime,
  blocks_found: Schema.BigInt,
  last_share: DashboardHashrate.fields.last_share
})

const StatsRow = Schema.Struct({
  ...counts,
  work: Schema.Finite,
  work_before: Schema.Finite,
  shares_before: Schema.BigInt,
  best_diff_week: DashboardStats.fields.best_diff_week
})

const fiveMinutes = 300_000
const hour = 3_600_000
const day = 24 * hour

const countsOf = (row: Pick<typeof StatsRow.Type, keyof typeof counts>) => ({
  workers_online: Number(row.online),
  workers_total: Number(row.total),
  shares_today: Number(row.shares_today)
})

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const { network } = yield* PoolState
  const hashrateRow = rowOf(HashrateRow)
  const statsRow = rowOf(StatsRow)
  const ids = sql`ARRAY(SELECT id FROM own)`

  const countColumns = (now: number) => sql`
    (SELECT count(*) FILTER (WHERE online) FROM own) AS online, (SELECT count(*) FROM own) AS total,
    (SELECT coalesce(sum(r.shares), 0)::bigint FROM tbg_api.mining_work_1d r
    WHERE r.worker_id = ANY (${ids}) AND r.bucket = ${periodsOf(now).day}::timestamptz) AS shares_today`

  const bestSince = (start: string) => sql`
    (SELECT max(r.best) FROM tbg_api.mining_work_1d r
    WHERE r.worker_id = ANY (${ids}) AND r.bucket >= ${start}::timestamptz)`

  const hashrate = Effect.fnUntraced(function* (addresses: ReadonlyArray<string>, now: number) {
    const { best_diff_alltime, best_diff_today, blocks_found, last_share, ...row } = yield* hashrateRow(
      short(sql`
        WITH own AS MATERIALIZED (${workersOf(sql, addresses, now)})
        SELECT work.*, ${countColumns(now)}, ${bestSince(periodsOf(now).day)} AS best_diff_today,
          (SELECT max(best) FROM own) AS best_diff_alltime, ${blocksFound(sql, addresses)} AS blocks_found,
          (SELECT ${textOf(sql, "max(last_share_at)")} FROM own) AS last_share
        FROM (SELECT ${sumsOf(sql)} FROM (${workOfWorkers(sql, ids, now)}) x) work`)
    )
    return {
      ...hashratesOf(row),
      ...countsOf(row),
      best_diff_today,
      best_diff_alltime,
      blocks_found: Number(blocks_found),
      last_share
    }
  })

  /** SQL for the shares of yesterday up to this time of day, to the nearest 5 minutes. */
  const sharesYesterday = (now: number) => {
    const until = Math.round((now - day) / fiveMinutes) * fiveMinutes
    const wholeHours = Math.floor(until / hour) * hour
    const ofBuckets = (table: string, from: string, to: number) => sql`
      (SELECT coalesce(sum(r.shares), 0) FROM tbg_api.mining_work_${sql.literal(table)} r
      WHERE r.worker_id = ANY (${ids}) AND r.bucket >= ${from}::timestamptz AND r.bucket < ${timeOf(to)}::timestamptz)`
    const midnight = periodsOf(now - day).day
    return sql`${ofBuckets("1h", midnight, wholeHours)} + ${ofBuckets("5m", timeOf(wholeHours), until)}`
  }

  const stats = Effect.fnUntraced(function* (addresses: ReadonlyArray<string>, now: number) {
    const newest = yield* network
    const { best_diff_week, shares_before, work, work_before, ...row } = yield* statsRow(
      short(sql`
        WITH own AS MATERIALIZED (${workersOf(sql, addresses, now)})
        SELECT ${countColumns(now)}, ${rawWork(sql, ids, now - hour, now)} AS work,
          ${rawWork(sql, ids, now - 2 * hour, now - hour)} AS work_before,
          (${sharesYesterday(now)})::bigint AS shares_before, ${bestSince(periodsOf(now).week)} AS best_diff_week`)
    )
    const network_diff = newest?.difficulty ?? null
    return {
      hashrate: hashrateOf(work, "1h"),
      hashrate_change: changeOf(work, work_before),
      ...countsOf(row),
      shares_change: changeOf(Number(row.shares_today), Number(shares_before)),
      best_diff_week,
      network_diff,
      best_diff_ratio: best_diff_week === null || network_diff === null ? null : best_diff_week / network_diff,
      network_height: newest?.height ?? null
    }
  })

  return { hashrate: traced("DashboardFigures.hashrate", hashrate), stats: traced("DashboardFigures.stats", stats) }
})

/** Key figures of a player's miners, all addresses together. */
export class DashboardFigures extends Context.Service<
  DashboardFigures,
  {
    readonly hashrate: (addresses: ReadonlyArray<string>, now: number) => Effect.Effect<DashboardHashrate>
    readonly stats: (addresses: ReadonlyArray<string>, now: number) => Effect.Effect<DashboardStats>
  }
>()("tbg-api/services/mining/DashboardFigures") {
  static readonly layer = Layer.effect(DashboardFigures, make)
}
