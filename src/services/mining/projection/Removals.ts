import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { addressRows, bucketOf, poolRows, ratioRows, workerRows, workRows } from "../../../domain/mining/Fold.ts"
import type { Change } from "../../../domain/mining/Fold.ts"
import { workLevels, poolSteps } from "./RollUps.ts"
import { rowsOf, timeOf } from "./Rows.ts"

/** Source from which each roll-up computes the best share of a bucket again. */
const sources = {
  mining_work_5m: {
    seconds: 300,
    table: "mining_shares",
    best: "reached",
    bestAt: "at",
    time: "at",
    also: "s.is_counted"
  },
  mining_work_1h: {
    seconds: 3600,
    table: "mining_work_5m",
    best: "best",
    bestAt: "best_at",
    time: "bucket",
    also: "true"
  },
  mining_work_1d: {
    seconds: 86_400,
    table: "mining_work_1h",
    best: "best",
    bestAt: "best_at",
    time: "bucket",
    also: "true"
  }
} as const

/**
 * Removes shares from all roll-ups, in the transaction in progress, because an earlier copy counts instead. It runs
 * after the earlier copies were added, because most buckets then have their best share already.
 */
export const makeRemovals = Effect.map(SqlClient.SqlClient, (sql) => {
  const at = (column: string) => timeOf(sql, column)

  const removeWork = (changes: ReadonlyArray<Change>, { seconds, table }: (typeof workLevels)[number]) => sql`
    UPDATE tbg_api.${sql.literal(table)} t SET shares = t.shares - r.shares, below = t.below - r.below
    FROM json_to_recordset(${rowsOf(workRows(changes, seconds))}::json) AS r (
      worker int, bucket double precision, difficulty double precision, shares int, below int
    )
    WHERE t.worker_id = r.worker AND t.bucket = ${at("r.bucket")} AND t.difficulty = r.difficulty`

  /** Computes the best share of each bucket whose best was removed. */
  const repairBests = Effect.fnUntraced(function* (changes: ReadonlyArray<Change>, level: (typeof workLevels)[number]) {
    const { also, best, bestAt, seconds, table, time } = sources[level.table]
    const rows = changes.map((change) => ({
      worker: change.workerId,
      bucket: bucketOf(change.at, seconds),
      difficulty: change.difficulty,
      best_at: change.at
    }))
    yield* sql`
      UPDATE tbg_api.${sql.literal(level.table)} t SET best = s.best, best_at = s.best_at
      FROM json_to_recordset(${rowsOf(rows)}::json) AS r (
        worker int, bucket double precision, difficulty double precision, best_at double precision
      ) CROSS JOIN LATERAL (
        SELECT s.${sql.literal(best)} AS best, s.${sql.literal(bestAt)} AS best_at
        FROM tbg_api.${sql.literal(table)} s
        WHERE s.worker_id = r.worker AND s.difficulty = r.difficulty AND ${sql.literal(also)}
          AND s.${sql.literal(time)} >= ${at("r.bucket")}
          AND s.${sql.literal(time)} < ${at("r.bucket")} + make_interval(secs => ${seconds})
        ORDER BY 1 DESC, 2 LIMIT 1
      ) s
      WHERE t.worker_id = r.worker AND t.bucket = ${at("r.bucket")} AND t.difficulty = r.difficulty
        AND t.best_at = ${at("r.best_at")} AND t.shares > 0`
    yield* sql`
      DELETE FROM tbg_api.${sql.literal(level.table)} t
      USING json_to_recordset(${rowsOf(rows)}::json) AS r (
        worker int, bucket double precision, difficulty double precision
      )
      WHERE t.worker_id = r.worker AND t.bucket = ${at("r.bucket")} AND t.difficulty = r.difficulty AND t.shares = 0`
  })

  const removeWorkers = (changes: ReadonlyArray<Change>) => sql`
    UPDATE tbg_api.mining_workers t SET
      shares = t.shares - r.shares,
      last_share_at = coalesce(s.at, t.last_share_at),
      difficulty = coalesce(s.difficulty, t.difficulty)
    FROM json_to_recordset(${rowsOf(workerRows(changes))}::json) AS r (
      id int, shares int, last_share_at double precision
    ) LEFT JOIN LATERAL (
      SELECT s.at, s.difficulty FROM tbg_api.mining_workers w
      JOIN tbg_api.mining_shares s ON s.worker_id = w.id AND s.is_counted
      WHERE w.id = r.id AND w.last_share_at = ${at("r.last_share_at")}
      ORDER BY s.at DESC, s.difficulty DESC LIMIT 1
    ) s ON true
    WHERE t.id = r.id`

  const removeAddresses = (changes: ReadonlyArray<Change>) => sql`
    UPDATE tbg_api.mining_addresses t SET
      shares = t.shares - r.shares,
      last_share_at = (SELECT max(w.last_share_at) FROM tbg_api.mining_workers w WHERE w.address_id = t.id)
    FROM json_to_recordset(${rowsOf(addressRows(changes))}::json) AS r (id int, shares int)
    WHERE t.id = r.id`

  const removeRatios = (changes: ReadonlyArray<Change>) =>
    Effect.andThen(
      sql`
        UPDATE tbg_api.mining_ratios t SET shares = t.shares - r.shares
        FROM json_to_recordset(${rowsOf(ratioRows(changes))}::json) AS r (
          address int, day int, bin smallint, shares int
        )
        WHERE t.address_id = r.address AND t.day = date '1970-01-01' + r.day AND t.bin = r.bin`,
      sql`
        DELETE FROM tbg_api.mining_ratios t
        USING json_to_recordset(${rowsOf(ratioRows(changes))}::json) AS r (address int, day int, bin smallint)
        WHERE t.address_id = r.address AND t.day = date '1970-01-01' + r.day AND t.bin = r.bin AND t.shares = 0`
    )

  const steps = sql.literal(`ARRAY[${poolSteps.join(", ")}]`)
  const pool = (changes: ReadonlyArray<Change>) => sql`(
    SELECT step, to_timestamp(floor(bucket / 1e6 / step) * step) AS bucket, sum(shares) AS shares,
      sum(shares * difficulty) AS work, sum(shares * difficulty * difficulty) AS work_squared
    FROM json_to_recordset(${rowsOf(poolRows(changes))}::json) AS r (
      bucket double precision, difficulty numeric, shares bigint
    ) CROSS JOIN unnest(${steps}) AS step
    GROUP BY 1, 2
  ) AS r`

  const removePool = (changes: ReadonlyArray<Change>) =>
    Effect.andThen(
      sql`
        UPDATE tbg_api.mining_pool t SET
          shares = t.shares - r.shares, work = t.work - r.work, work_squared = t.work_squared - r.work_squared
        FROM ${pool(changes)} WHERE t.step = r.step AND t.bucket = r.bucket`,
      sql`
        DELETE FROM tbg_api.mining_pool t USING ${pool(changes)}
        WHERE t.step = r.step AND t.bucket = r.bucket AND t.shares = 0`
    )

  const repairPoolBests = Effect.fnUntraced(function* (changes: ReadonlyArray<Change>) {
    yield* sql`
      DELETE FROM tbg_api.mining_pool_bests t
      USING json_to_recordset(${rowsOf(changes)}::json) AS r ("workerId" int, at double precision)
      WHERE t.worker_id = r."workerId" AND t.best_at = ${at("r.at")}`
    const days = [...new Set(changes.map((change) => bucketOf(change.at, 86_400)))].map((day) => ({ day }))
    yield* sql`
      INSERT INTO tbg_api.mining_pool_bests (day, best, best_at, worker_id)
      SELECT (${at("r.day")} AT TIME ZONE 'UTC')::date, s.best, s.best_at, s.worker_id
      FROM json_to_recordset(${rowsOf(days)}::json) AS r (day double precision) CROSS JOIN LATERAL (
        SELECT d.best, d.best_at, d.worker_id FROM tbg_api.mining_work_1d d
        WHERE d.bucket = ${at("r.day")} ORDER BY 1 DESC, 2, 3 LIMIT 1
      ) s
      ON CONFLICT (day) DO NOTHING`
  })

  return Effect.fnUntraced(function* (changes: ReadonlyArray<Change>) {
    if (changes.length === 0) return
    for (const level of workLevels) {
      yield* removeWork(changes, level)
      yield* repairBests(changes, level)
    }
    yield* removeWorkers(changes)
    yield* removeAddresses(changes)
    yield* removeRatios(changes)
    yield* removePool(changes)
    yield* repairPoolBests(changes)
  })
})
