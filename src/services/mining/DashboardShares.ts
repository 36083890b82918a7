import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { BestShare } from "../../domain/mining/DashboardShares.ts"
import type { DashboardBests } from "../../domain/mining/DashboardShares.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { periodsOf } from "./Periods.ts"
import { Double, doubleOf, rowOf, rowsOf, textOf } from "./Rows.ts"
import { timeOf } from "./Spans.ts"

const BestRow = Schema.NullOr(Schema.Struct({ ...BestShare.fields, difficulty: Double }))

const hour = 3_600_000
const day = 24 * hour

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const bestRow = rowOf(Schema.Struct({ week: BestRow, month: BestRow, alltime: BestRow }))
  const points = rowsOf(BestShare)

  const own = (addresses: ReadonlyArray<string>) => sql`
    own AS MATERIALIZED (
      SELECT w.id, w.name, w.best, w.best_at FROM tbg_api.mining_workers w
      JOIN tbg_api.mining_addresses a ON a.id = w.address_id WHERE a.address = ANY (${addresses}::text[])
    )`
  const ids = sql`ARRAY(SELECT id FROM own)`
  const best = sql.literal(
    `json_build_object('difficulty', ${doubleOf("d.best")}, 'time', to_char(d.best_at AT TIME ZONE 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'worker_name', d.name)`
  )

  const bests = Effect.fnUntraced(function* (addresses: ReadonlyArray<string>, now: number) {
    const { month, week } = periodsOf(now)
    const since = (start: string) => sql`
      (SELECT ${best} FROM (
        SELECT r.best, r.best_at, w.name FROM tbg_api.mining_work_1d r JOIN own w ON w.id = r.worker_id
        WHERE r.worker_id = ANY (${ids}) AND r.bucket >= ${start}::timestamptz ORDER BY r.best DESC, r.best_at LIMIT 1
      ) d)`
    return yield* bestRow(
      short(sql`
        WITH ${own(addresses)}
        SELECT ${since(week)} AS week, ${since(month)} AS month, (
          SELECT ${best} FROM (
            SELECT * FROM own WHERE best IS NOT NULL ORDER BY best DESC, best_at, id LIMIT 1
          ) d
        ) AS alltime`)
    )
  })

  /** Single shares of the last 2 hours, and the best ones of each bucket before: 5 minutes, and hours from a day on. */
  const scatter = Effect.fnUntraced(function* (addresses: ReadonlyArray<string>, now: number, limit: number) {
    const startOf = (age: number, step: number) => timeOf(Math.ceil((now - age) / step) * step)
    const [month, yesterday, recent] = [startOf(30 * day, hour), startOf(day, hour), startOf(2 * hour, hour / 12)]
    const ofBuckets = (table: string, since: string, until: string) => sql`
      SELECT r.worker_id, r.best_at, r.best FROM tbg_api.mining_work_${sql.literal(table)} r
      WHERE r.worker_id = ANY (${ids}) AND r.bucket >= ${since}::timestamptz AND r.bucket < ${until}::timestamptz`
    return yield* points(
      short(sql`
        WITH ${own(addresses)}
        SELECT ${textOf(sql, "x.at")} AS time, x.best AS difficulty, w.name AS worker_name
        FROM (
          SELECT r.worker_id, r.at, r.reached AS best FROM tbg_api.mining_shares r
          WHERE r.worker_id = ANY (${ids}) AND r.is_counted
            AND r.at >= ${recent}::timestamptz AND r.at <= ${timeOf(now)}::timestamptz
          UNION ALL ${ofBuckets("5m", yesterday, recent)}
          UNION ALL ${ofBuckets("1h", month, yesterday)}
        ) x JOIN own w ON w.id = x.worker_id
        ORDER BY x.best DESC, x.at, w.id LIMIT ${limit}`)
    )
  })

  return { bests: traced("DashboardShares.bests", bests), scatter: traced("DashboardShares.scatter", scatter) }
})

/** Best shares of a player, all addresses together. */
export class DashboardShares extends Context.Service<
  DashboardShares,
  {
    readonly bests: (addresses: ReadonlyArray<string>, now: number) => Effect.Effect<DashboardBests>
    /**
     * Best shares of 30 days, highest first. Shares older than 2 hours are at most one for each worker,
     * assigned difficulty and bucket.
     */
    readonly scatter: (
      addresses: ReadonlyArray<string>,
      now: number,
      limit: number
    ) => Effect.Effect<ReadonlyArray<BestShare>>
  }
>()("tbg-api/services/mining/DashboardShares") {
  static readonly layer = Layer.effect(DashboardShares, make)
}
