import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Best } from "../../domain/mining/Miner.ts"
import { secondsPerBlock } from "../../domain/mining/Odds.ts"
import type { Network, Pool } from "../../domain/mining/Pool.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { MinerVisibility } from "./MinerVisibility.ts"
import { periodsOf } from "./Periods.ts"
import { makePopulation } from "./PoolPopulation.ts"
import type { Population } from "./PoolPopulation.ts"
import { Double, doubleOf, networkDifficulty, rowsOf, textOf } from "./Rows.ts"
import { spansOf } from "./Spans.ts"
import { hashratesOf, WorkRows, workRows } from "./WorkSums.ts"

/** The pool without the age of the data. */
export type PoolSummary = Omit<Pool, "as_of" | "lag_ms">

/** Summary before workers of hidden miners are removed, the same for all viewers. `hideWorkers` removes them. */
export type UnfilteredSummary = Omit<PoolSummary, "best"> & {
  readonly unfilteredBest: { readonly [Period in keyof PoolSummary["best"]]: typeof BestRow.Type }
}

const NetworkRow = Schema.Struct({
  height: Schema.Int,
  hash: Schema.NullOr(Schema.String),
  difficulty: Schema.NullOr(Schema.Finite),
  at: Timestamp
})

const BestRow = Schema.NullOr(
  Schema.Struct({
    difficulty: Double,
    at: Timestamp,
    worker: Schema.NullOr(Schema.String),
    address: Schema.NullOr(Schema.String)
  })
)

const Row = Schema.Struct({
  work: WorkRows,
  shares: Schema.BigInt,
  day: BestRow,
  week: BestRow,
  all_time: BestRow
})

/** Lengths of the pool's buckets for each window, in seconds. */
const levels = {
  "1m": [1, 60],
  "5m": [1, 60],
  "1h": [1, 60, 3600],
  "24h": [60, 3600, 86_400],
  "7d": [300, 3600, 86_400]
} as const

/** SQL for the sums of buckets of the pool. */
const sums = ["sum(work)::float8", "sum(work_squared)::float8", "max(max_difficulty)"] as const

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const { hiddenOf } = yield* MinerVisibility
  const population = yield* makePopulation
  const networkRows = rowsOf(NetworkRow)
  const rows = rowsOf(Row)

  const network = Effect.map(
    networkRows(
      short(sql`
        SELECT height, hash, coalesce(difficulty, ${networkDifficulty(sql)}) AS difficulty, ${textOf(sql, "at")} AS at
        FROM tbg_api.mining_network ORDER BY mining_network.at DESC, id DESC LIMIT 1`)
    ),
    ([newest]): Network | null => newest ?? null
  )

  const bestSince = (day: string) => sql`(
    SELECT json_build_object('difficulty', ${sql.literal(doubleOf("b.best"))}, 'at', ${textOf(sql, "b.best_at")}, 'worker', w.name,
      'address', a.address)
    FROM (
      SELECT * FROM tbg_api.mining_pool_bests WHERE day >= ${day}::date ORDER BY best DESC, best_at LIMIT 1
    ) b
    LEFT JOIN tbg_api.mining_workers w ON w.id = b.worker_id
    LEFT JOIN tbg_api.mining_addresses a ON a.id = w.address_id)`

  const read = (now: number) => {
    const { day, week } = periodsOf(now)
    const spans = (["1m", "5m", "1h", "24h", "7d"] as const).flatMap((window) => spansOf(now, window, levels[window]))
    const work = spans.map(
      ({ level, since, until, window }) => sql`
        SELECT ${window}::text AS "window", shares, work, work_squared, max_difficulty FROM tbg_api.mining_pool
        WHERE step = ${level} AND bucket >= ${since}::timestamptz AND bucket < ${until}::timestamptz`
    )
    return rows(
      short(sql`
        SELECT ${workRows(sql, sql`(${sql.join(" UNION ALL ", false)(work)}) spans`, sums)} AS work,
          (SELECT coalesce(sum(shares), 0)::bigint FROM tbg_api.mining_pool WHERE step = 86400) AS shares,
          ${bestSince(day)} AS day, ${bestSince(week)} AS week, ${bestSince("-infinity")} AS all_time`)
    )
  }

  const summary = Effect.fnUntraced(function* (now: number, counts: Population): Effect.fn.Return<UnfilteredSummary> {
    const [newest, [row]] = yield* Effect.all([network, read(now)], { concurrency: "unbounded" })
    const { all_time = null, day = null, shares = 0n, week = null, work = [] } = row ?? {}
    const hashrate = hashratesOf(work, counts.assigned)
    return {
      hashrate,
      miners: { active: Number(counts.active), total: Number(counts.miners) },
      workers: { online: Number(counts.online), total: Number(counts.workers) },
      shares: { "24h": hashrate["24h"].shares, total: Number(shares) },
      unfilteredBest: { day, week, all_time },
      blocks_found: Number(counts.blocks),
      network: newest === null ? null : { height: newest.height, difficulty: newest.difficulty, at: newest.at },
      expected_block_seconds:
        newest?.difficulty === undefined || newest.difficulty === null
          ? null
          : secondsPerBlock(hashrate["24h"].value, newest.difficulty)
    }
  })

  const hideWorkers = Effect.fnUntraced(function* ({
    unfilteredBest,
    ...summary
  }: UnfilteredSummary): Effect.fn.Return<PoolSummary> {
    const { all_time, day, week } = unfilteredBest
    const hidden = yield* hiddenOf([...new Set([day, week, all_time].flatMap((share) => share?.address ?? []))])
    const bestOf = (share: typeof BestRow.Type): Best => {
      if (share === null) return null
      const { address, at, difficulty, worker } = share
      return { difficulty, at, worker: address === null || hidden.has(address) ? null : worker }
    }
    return { ...summary, best: { day: bestOf(day), week: bestOf(week), all_time: bestOf(all_time) } }
  })

  return {
    population: Effect.withSpan(population, "PoolState.population"),
    network: Effect.withSpan(network, "PoolState.network"),
    summary: traced("PoolState.summary", summary),
    hideWorkers
  }
})

/** The pool and the network, from the tables of the projection. */
export class PoolState extends Context.Service<
  PoolState,
  {
    /** Counts of the whole pool, at most some seconds old. Not for use within a transaction. */
    readonly population: Effect.Effect<Population>
    /** @param now milliseconds since 1970; the end of all windows */
    readonly summary: (now: number, population: Population) => Effect.Effect<UnfilteredSummary>
    /** Sets `worker` to null in best shares of miners that are hidden from the `Viewer`. */
    readonly hideWorkers: (summary: UnfilteredSummary) => Effect.Effect<PoolSummary>
    /** The newest block; null if none is known. */
    readonly network: Effect.Effect<Network | null>
  }
>()("tbg-api/services/mining/PoolState") {
  static readonly layer = Layer.effect(PoolState, make)
}
