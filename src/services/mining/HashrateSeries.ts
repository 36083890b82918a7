import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Statement } from "effect/sql"
import { MinerNotFound } from "../../domain/mining/Miner.ts"
import { hashrateOf } from "../../domain/mining/Dashboard.ts"
import { hashesPerDifficulty, rateOf, windowSeconds } from "../../domain/mining/Rate.ts"
import { seriesSteps } from "../../domain/mining/Series.ts"
import type { Point, Series, SeriesWindow } from "../../domain/mining/Series.ts"
import { timestampOf } from "../../domain/Timestamp.ts"
import { WorkerNotFound } from "../../domain/mining/WorkerSummary.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { rawWork } from "./DashboardSql.ts"
import { rowOf, rowsOf } from "./Rows.ts"
import { timeOf } from "./Spans.ts"

/** A chart without the age of its data. */
export type Chart = Omit<Series, "as_of" | "lag_ms">

const StepRow = Schema.Struct({
  at: Schema.Finite,
  shares: Schema.BigInt,
  sum: Schema.Finite,
  squares: Schema.Finite,
  largest: Schema.Finite
})

/** Start of the first step of a window whose last step contains `now`; in milliseconds since 1970. */
const startOf = (window: SeriesWindow, now: number): number => {
  const { seconds, step } = seriesSteps[window]
  return Math.floor(now / (step * 1000)) * step * 1000 - (seconds - step) * 1000
}

/** Points of all steps. The upper bound of an empty step is computed from the difficulty of the step before it. */
const chartOf = (window: SeriesWindow, now: number, rows: ReadonlyArray<typeof StepRow.Type>): Chart => {
  const { seconds, step } = seriesSteps[window]
  const start = startOf(window, now)
  const byStart = new Map(rows.map((row) => [row.at, row]))
  let largest: number | null = null
  let sum = 0
  const points = Array.from({ length: seconds / step }, (_, index): Point => {
    const at = start + index * step * 1000
    const row = byStart.get(at)
    largest = row?.largest ?? largest
    sum += row?.sum ?? 0
    const work = { shares: Number(row?.shares ?? 0), sum: row?.sum ?? 0, squares: row?.squares ?? 0, largest }
    return { at: timestampOf(at * 1000), ...rateOf(work, step) }
  })
  return {
    window,
    step_seconds: step,
    points,
    average: (sum * hashesPerDifficulty) / seconds,
    peak: Math.max(...points.map(({ value }) => value))
  }
}

/** Table with the buckets of each window. */
const tableOf = { "1h": "shares", "24h": "work_5m", "7d": "work_1h", "30d": "work_1h" } as const

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const rows = rowsOf(StepRow)
  const stepOf = (column: string, step: number) =>
    sql`extract(epoch FROM date_bin(make_interval(secs => ${step}), ${sql.literal(column)}, 'epoch'))::float8 * 1000`

  const ofPool = Effect.fnUntraced(function* (window: SeriesWindow, now: number) {
    const { step } = seriesSteps[window]
    const found = yield* rows(
      short(sql`
        SELECT ${stepOf("bucket", step)} AS at, sum(shares)::bigint AS shares, sum(work)::float8 AS sum,
          sum(work_squared)::float8 AS squares, max(max_difficulty) AS largest
        FROM tbg_api.mining_pool
        WHERE step = ${Math.min(step, 3600)} AND bucket >= ${timeOf(startOf(window, now))}::timestamptz
          AND bucket <= ${timeOf(now)}::timestamptz
        GROUP BY 1`)
    )
    return chartOf(window, now, found)
  })

  const ofWorkers = (ids: ReadonlyArray<number>, window: SeriesWindow, now: number) => {
    const { step } = seriesSteps[window]
    const table = tableOf[window]
    const isRaw = table === "shares"
    const [time, shares, counted]: readonly [string, Statement.Fragment, Statement.Fragment] = isRaw
      ? ["at", sql`1`, sql`AND is_counted`]
      : ["bucket", sql`shares`, sql``]
    return rows(
      short(sql`
        SELECT ${stepOf(time, step)} AS at, sum(${shares})::bigint AS shares, sum(${shares} * difficulty) AS sum,
          sum(${shares} * difficulty * difficulty) AS squares, max(difficulty) AS largest
        FROM tbg_api.${sql.literal(`mining_${table}`)}
        WHERE worker_id = ANY (${ids}::integer[]) ${counted}
          AND ${sql.literal(time)} >= ${timeOf(startOf(window, now))}::timestamptz
          AND ${sql.literal(time)} <= ${timeOf(now)}::timestamptz
        GROUP BY 1`)
    )
  }

  const workers = rowsOf(Schema.Struct({ id: Schema.Int, name: Schema.String }))
  const ofMiner = Effect.fnUntraced(function* (
    address: string,
    worker: string | undefined,
    window: SeriesWindow,
    now: number
  ) {
    const found = yield* workers(
      short(sql`
        SELECT w.id, w.name FROM tbg_api.mining_workers w JOIN tbg_api.mining_addresses a ON a.id = w.address_id
        WHERE a.address = ${address} AND a.shares > 0`)
    )
    if (found.length === 0) return yield* new MinerNotFound({ address })
    const wanted = worker === undefined ? found : found.filter(({ name }) => name === worker)
    if (wanted.length === 0) return yield* new WorkerNotFound({ name: worker ?? "" })
    const ids = wanted.map(({ id }) => id)
    return chartOf(window, now, yield* ofWorkers(ids, window, now))
  })

  const ids = rowsOf(Schema.Struct({ id: Schema.Int }))
  const recent = rowOf(Schema.Struct({ work: Schema.Finite }))
  const ofAddresses = Effect.fnUntraced(function* (
    addresses: ReadonlyArray<string>,
    window: SeriesWindow,
    now: number
  ) {
    const found = yield* ids(
      short(sql`
        SELECT w.id FROM tbg_api.mining_workers w JOIN tbg_api.mining_addresses a ON a.id = w.address_id
        WHERE a.address = ANY (${addresses}::text[])`)
    )
    const own = found.map(({ id }) => id)
    const { work } = yield* recent(
      short(sql`SELECT ${rawWork(sql, sql`${own}::integer[]`, now - windowSeconds["5m"] * 1000, now)} AS work`)
    )
    return { ...chartOf(window, now, yield* ofWorkers(own, window, now)), current: hashrateOf(work, "5m") }
  })

  return {
    ofPool: traced("HashrateSeries.ofPool", ofPool),
    ofMiner: traced("HashrateSeries.ofMiner", ofMiner),
    ofAddresses: traced("HashrateSeries.ofAddresses", ofAddresses)
  }
})

/** Hashrates over time, in steps of equal length without gaps. */
export class HashrateSeries extends Context.Service<
  HashrateSeries,
  {
    readonly ofPool: (window: SeriesWindow, now: number) => Effect.Effect<Chart>
    readonly ofMiner: (
      address: string,
      worker: string | undefined,
      window: SeriesWindow,
      now: number
    ) => Effect.Effect<Chart, MinerNotFound | WorkerNotFound>
    /** All miners of some addresses together. `current` is the hashrate of the last 5 minutes. */
    readonly ofAddresses: (
      addresses: ReadonlyArray<string>,
      window: SeriesWindow,
      now: number
    ) => Effect.Effect<Chart & { readonly current: number }>
  }
>()("tbg-api/services/mining/HashrateSeries") {
  static readonly layer = Layer.effect(HashrateSeries, make)
}
