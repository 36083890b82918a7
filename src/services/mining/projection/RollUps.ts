import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { addressRows, poolBests, poolRows, ratioRows, workerRows, workRows } from "../../../domain/mining/Fold.ts"
import type { Change } from "../../../domain/mining/Fold.ts"
import { rowsOf, timeOf } from "./Rows.ts"

/** Roll-ups of work, with their lengths in seconds, the finest first. */
export const workLevels = [
  { table: "mining_work_5m", seconds: 300 },
  { table: "mining_work_1h", seconds: 3600 },
  { table: "mining_work_1d", seconds: 86_400 }
] as const

/** Lengths of the pool's buckets in seconds. */
export const poolSteps = [1, 60, 300, 3600, 86_400] as const

/** Adds shares that count to all roll-ups, in the transaction in progress. */
export const makeRollUps = Effect.map(SqlClient.SqlClient, (sql) => {
  const at = (column: string) => timeOf(sql, column)

  const addWork = (changes: ReadonlyArray<Change>) =>
    Effect.forEach(
      workLevels,
      ({ seconds, table }) => sql`
        INSERT INTO tbg_api.${sql.literal(table)} AS t (worker_id, bucket, difficulty, shares, below, best, best_at)
        SELECT worker, ${at("bucket")}, difficulty, shares, below, best, ${at("best_at")}
        FROM json_to_recordset(${rowsOf(workRows(changes, seconds))}::json) AS r (
          worker int, bucket double precision, difficulty double precision, shares int, below int,
          best double precision, best_at double precision
        )
        ON CONFLICT (worker_id, bucket, difficulty) DO UPDATE SET
          shares = t.shares + excluded.shares,
          below = t.below + excluded.below,
          best = greatest(t.best, excluded.best),
          best_at = CASE
            WHEN excluded.best > t.best OR excluded.best = t.best AND excluded.best_at < t.best_at
            THEN excluded.best_at ELSE t.best_at
          END`,
      { discard: true }
    )

  const minerColumns = sql.literal(`
    id int, shares int, first_seen double precision, last_share_at double precision, difficulty double precision,
    best double precision, best_at double precision, best_worker int`)
  const newBest = sql.literal("t.best IS NULL OR (r.best, t.best_at) > (t.best, to_timestamp(r.best_at / 1e6))")

  const addWorkers = (changes: ReadonlyArray<Change>) => sql`
    UPDATE tbg_api.mining_workers t SET
      shares = t.shares + r.shares,
      first_seen = least(t.first_seen, ${at("r.first_seen")}),
      last_share_at = greatest(t.last_share_at, ${at("r.last_share_at")}),
      difficulty = CASE
        WHEN (t.last_share_at, t.difficulty) > (${at("r.last_share_at")}, r.difficulty) THEN t.difficulty
        ELSE r.difficulty
      END,
      best = greatest(t.best, r.best),
      best_at = CASE WHEN ${newBest} THEN ${at("r.best_at")} ELSE t.best_at END
    FROM json_to_recordset(${rowsOf(workerRows(changes))}::json) AS r (${minerColumns})
    WHERE t.id = r.id`

  const newAddressBest = sql.literal(
    "t.best IS NULL OR (r.best, t.best_at, t.best_worker_id) > (t.best, to_timestamp(r.best_at / 1e6), r.best_worker)"
  )

  const addAddresses = (changes: ReadonlyArray<Change>) => sql`
    UPDATE tbg_api.mining_addresses t SET
      shares = t.shares + r.shares,
      first_seen = least(t.first_seen, ${at("r.first_seen")}),
      last_share_at = greatest(t.last_share_at, ${at("r.last_share_at")}),
      best = greatest(t.best, r.best),
      best_at = CASE WHEN ${newAddressBest} THEN ${at("r.best_at")} ELSE t.best_at END,
      best_worker_id = CASE WHEN ${newAddressBest} THEN r.best_worker ELSE t.best_worker_id END
    FROM json_to_recordset(${rowsOf(addressRows(changes))}::json) AS r (${minerColumns})
    WHERE t.id = r.id`

  const addRatios = (changes: ReadonlyArray<Change>) => sql`
    INSERT INTO tbg_api.mining_ratios AS t (address_id, day, bin, shares)
    SELECT address, date '1970-01-01' + day, bin, shares
    FROM json_to_recordset(${rowsOf(ratioRows(changes))}::json) AS r (address int, day int, bin smallint, shares int)
    ON CONFLICT (address_id, day, bin) DO UPDATE SET shares = t.shares + excluded.shares`

  // `numeric` has all digits of JSON and adds exactly, so the sums do not depend on the order of the shares.
  const addPool = (changes: ReadonlyArray<Change>) => sql`
    INSERT INTO tbg_api.mining_pool AS t (step, bucket, shares, work, work_squared, max_difficulty)
    SELECT step, to_timestamp(floor(bucket / 1e6 / step) * step), sum(shares),
      sum(shares * difficulty), sum(shares * difficulty * difficulty), max(difficulty)::double precision
    FROM json_to_recordset(${rowsOf(poolRows(changes))}::json) AS r (
      bucket double precision, difficulty numeric, shares bigint
    ) CROSS JOIN unnest(${sql.literal(`ARRAY[${poolSteps.join(", ")}]`)}) AS step
    GROUP BY 1, 2
    ON CONFLICT (step, bucket) DO UPDATE SET
      shares = t.shares + excluded.shares,
      work = t.work + excluded.work,
      work_squared = t.work_squared + excluded.work_squared,
      max_difficulty = greatest(t.max_difficulty, excluded.max_difficulty)`

  const addPoolBests = (changes: ReadonlyArray<Change>) => sql`
    INSERT INTO tbg_api.mining_pool_bests AS t (day, best, best_at, worker_id)
    SELECT date '1970-01-01' + day, best, ${at("best_at")}, worker
    FROM json_to_recordset(${rowsOf(poolBests(changes))}::json) AS r (
      day int, best double precision, best_at double precision, worker int
    )
    ON CONFLICT (day) DO UPDATE SET best = excluded.best, best_at = excluded.best_at, worker_id = excluded.worker_id
    WHERE excluded.best > t.best
      OR excluded.best = t.best AND (excluded.best_at, excluded.worker_id) < (t.best_at, t.worker_id)`

  return Effect.fnUntraced(function* (changes: ReadonlyArray<Change>) {
    if (changes.length === 0) return
    yield* addWork(changes)
    yield* addWorkers(changes)
    yield* addAddresses(changes)
    yield* addRatios(changes)
    yield* addPool(changes)
    yield* addPoolBests(changes)
  })
})
