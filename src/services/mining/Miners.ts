import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { integrityOf } from "../../domain/mining/Integrity.ts"
import { Miner, MinerNotFound } from "../../domain/mining/Miner.ts"
import { oddsOf } from "../../domain/mining/Odds.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { isOnline } from "./Online.ts"
import { periodsOf } from "./Periods.ts"
import { bestOf, BestRow, networkDifficulty, rowsOf, textOf } from "./Rows.ts"
import { hashratesOf, spanSums, workInTotal, WorkRows, workRows } from "./WorkSums.ts"
import { timeOf } from "./Spans.ts"

const Row = Schema.Struct({
  first_seen: Miner.fields.first_seen,
  last_share_at: Miner.fields.last_share_at,
  shares: Schema.BigInt,
  online: Schema.BigInt,
  total: Schema.BigInt,
  assigned: Schema.NullOr(Schema.Finite),
  work: WorkRows,
  all_time: BestRow,
  day: BestRow,
  week: BestRow,
  month: BestRow,
  ratios: Schema.Array(Schema.Struct({ bin: Schema.Int, shares: Schema.Int })),
  network_difficulty: Schema.NullOr(Schema.Finite)
})

const bins = 64

const minerOf = (address: string, row: typeof Row.Type): Miner => {
  const hashrate = hashratesOf(row.work, row.assigned)
  const { network_difficulty: difficulty } = row
  const counts = new Map(row.ratios.map(({ bin, shares }) => [bin, shares]))
  return {
    address,
    first_seen: row.first_seen,
    last_share_at: row.last_share_at,
    hashrate,
    workers: { online: Number(row.online), total: Number(row.total) },
    shares: { "24h": hashrate["24h"].shares, total: Number(row.shares) },
    best: { day: row.day, week: row.week, month: row.month, all_time: row.all_time },
    odds: difficulty === null ? null : oddsOf(hashrate["24h"].value, difficulty),
    integrity: integrityOf(Array.from({ length: bins }, (_, bin) => counts.get(bin) ?? 0))
  }
}

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const rows = rowsOf(Row)

  const find = Effect.fnUntraced(function* (address: string, now: number) {
    const periods = periodsOf(now)
    const bestSince = (start: string) => sql`(
      SELECT ${bestOf(sql, "d")} FROM (
        SELECT * FROM days WHERE bucket >= ${start}::timestamptz ORDER BY best DESC, best_at LIMIT 1
      ) d)`
    const [row] = yield* rows(
      short(sql`
        WITH miner AS (SELECT * FROM tbg_api.mining_addresses WHERE address = ${address} AND shares > 0),
        workers AS MATERIALIZED (
          SELECT w.id, w.name, w.difficulty, w.best, w.best_at, ${isOnline(sql, timeOf(now))} AS online
          FROM tbg_api.mining_workers w WHERE w.address_id = (SELECT id FROM miner)
        ),
        days AS MATERIALIZED (
          SELECT r.bucket, r.best, r.best_at, w.name FROM tbg_api.mining_work_1d r JOIN workers w ON w.id = r.worker_id
          WHERE r.worker_id = ANY (ARRAY(SELECT id FROM workers))
            AND r.bucket >= least(${periods.week}::timestamptz, ${periods.month}::timestamptz)
        ),
        work AS (${workInTotal(sql, sql`ARRAY(SELECT id FROM workers)`, now)})
        SELECT ${textOf(sql, "m.first_seen")} AS first_seen, ${textOf(sql, "m.last_share_at")} AS last_share_at, m.shares,
          (SELECT count(*) FILTER (WHERE online) FROM workers) AS online, (SELECT count(*) FROM workers) AS total,
          (SELECT coalesce(max(difficulty) FILTER (WHERE online), max(difficulty)) FROM workers) AS assigned,
          ${workRows(sql, sql`work`, spanSums)} AS work,
          (SELECT ${bestOf(sql, "w")} FROM workers w WHERE w.id = m.best_worker_id) AS all_time,
          ${bestSince(periods.day)} AS day, ${bestSince(periods.week)} AS week, ${bestSince(periods.month)} AS month,
          (SELECT coalesce(json_agg(x), '[]') FROM (
            SELECT bin, sum(shares) AS shares FROM tbg_api.mining_ratios
            WHERE address_id = m.id AND day >= ${periods.sevenDays}::date GROUP BY 1
          ) x) AS ratios,
          ${networkDifficulty(sql)} AS network_difficulty
        FROM miner m`)
    )
    return row === undefined ? yield* new MinerNotFound({ address }) : minerOf(address, row)
  })
  const addressRows = rowsOf(Schema.Struct({ address: Schema.String }))
  const withShares = Effect.fn("Miners.withShares")(function* (addresses: ReadonlyArray<string>) {
    const found = yield* addressRows(
      short(sql`
        SELECT address FROM tbg_api.mining_addresses WHERE address = ANY (${addresses}::text[]) AND shares > 0`)
    )
    return new Set(found.map(({ address }) => address))
  })

  return { find: traced("Miners.find", find), withShares }
})

/** Statistics of miners, from the tables of the projection. */
export class Miners extends Context.Service<
  Miners,
  {
    /** @param now milliseconds since 1970; the end of all windows */
    readonly find: (address: string, now: number) => Effect.Effect<Miner, MinerNotFound>
    /** Returns the given canonical addresses that have sent a share. */
    readonly withShares: (addresses: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>>
  }
>()("tbg-api/services/mining/Miners") {
  static readonly layer = Layer.effect(Miners, make)
}
