import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** A counted share, as a test stores it in the tables of the projection. */
export interface StoredShare {
  readonly address: string
  readonly worker: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly difficulty: number
  readonly reached: number
}

const bucketTables = [
  ["5m", 300],
  ["1h", 3600],
  ["1d", 86_400]
] as const

const poolSteps = [1, 60, 300, 3600, 86_400]

/** SQL of the start of the bucket of `seconds` that contains `at`. */
const bucketOf = (seconds: number): string => `date_bin(make_interval(secs => ${seconds}), at, 'epoch')`

/** Rows of a statement, made from the stored shares `s`. */
const fromShares = (select: string): string =>
  `${select} FROM tbg_api.mining_shares s JOIN tbg_api.mining_workers w ON w.id = s.worker_id WHERE s.is_counted`

const rollUps = [
  ...bucketTables.map(([name, seconds]) =>
    fromShares(`INSERT INTO tbg_api.mining_work_${name}
      SELECT worker_id, ${bucketOf(seconds)}, s.difficulty, count(*), count(*) FILTER (WHERE reached < s.difficulty),
        max(reached), (array_agg(at ORDER BY reached DESC, at))[1]`).concat(" GROUP BY 1, 2, 3")
  ),
  ...poolSteps.map((step) =>
    fromShares(`INSERT INTO tbg_api.mining_pool
      SELECT ${step}, ${bucketOf(step)}, count(*), sum(s.difficulty::numeric), sum(s.difficulty::numeric ^ 2),
        max(s.difficulty)`).concat(" GROUP BY 2")
  ),
  fromShares(`INSERT INTO tbg_api.mining_pool_bests
    SELECT (at AT TIME ZONE 'UTC')::date, max(reached), (array_agg(at ORDER BY reached DESC, at))[1],
      (array_agg(worker_id ORDER BY reached DESC, at))[1]`).concat(" GROUP BY 1"),
  fromShares(`INSERT INTO tbg_api.mining_ratios
    SELECT w.address_id, (at AT TIME ZONE 'UTC')::date, least(63, floor(64 * s.difficulty / reached)), count(*)`).concat(
    " AND reached >= s.difficulty GROUP BY 1, 2, 3"
  ),
  `UPDATE tbg_api.mining_workers w SET first_seen = x.first, last_share_at = x.last, shares = x.shares, best = x.best,
     best_at = x.best_at, difficulty = x.difficulty
   FROM (
     SELECT worker_id, min(at) AS first, max(at) AS last, count(*) AS shares, max(reached) AS best,
       (array_agg(at ORDER BY reached DESC, at))[1] AS best_at, 
       (array_agg(difficulty ORDER BY at DESC, reached DESC))[1] AS difficulty
     FROM tbg_api.mining_shares WHERE is_counted GROUP BY 1
   ) x WHERE x.worker_id = w.id`,
  `UPDATE tbg_api.mining_addresses a SET first_seen = x.first, last_share_at = x.last, shares = x.shares, best = x.best,
     best_at = x.best_at, best_worker_id = x.worker, workers = x.workers
   FROM (
     SELECT address_id, min(first_seen) AS first, max(last_share_at) AS last, sum(shares) AS shares, max(best) AS best,
       (array_agg(best_at ORDER BY best DESC NULLS LAST, best_at))[1] AS best_at,
       (array_agg(id ORDER BY best DESC NULLS LAST, best_at))[1] AS worker, count(*) AS workers
     FROM tbg_api.mining_workers GROUP BY 1
   ) x WHERE x.address_id = a.id`
]

/** Fills the roll-ups and totals of the projection from the counted rows of `mining_shares`, and sets its position. */
export const rollUpShares = Effect.fnUntraced(function* (version: number) {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(rollUps, (statement) => sql.unsafe(statement), { discard: true })
  yield* sql`
    UPDATE tbg_api.mining_state SET version = ${version}, polled_at = now(), progressed_at = now(),
      last_event_at = (SELECT max(arrived_at) FROM tbg_api.mining_shares)`
})

/** Writes shares as the projection would after one batch, and sets its position. Call it once for a database. */
export const storeShares = Effect.fnUntraced(function* (shares: ReadonlyArray<StoredShare>, version = 1) {
  const sql = yield* SqlClient.SqlClient
  const rows = JSON.stringify(shares)
  const given = sql`json_to_recordset(${rows}::json) AS r (address text, worker text, at float8, difficulty float8,
    reached float8)`
  yield* sql`INSERT INTO tbg_api.mining_addresses (address) SELECT DISTINCT address FROM ${given}`
  yield* sql`
    INSERT INTO tbg_api.mining_workers (address_id, name)
    SELECT DISTINCT a.id, r.worker FROM ${given} JOIN tbg_api.mining_addresses a USING (address)`
  yield* sql`
    INSERT INTO tbg_api.mining_shares (worker_id, slot, is_counted, is_refilled, at, arrived_at, difficulty, reached)
    SELECT w.id, floor(r.at / 3600000)::bigint % 4, true, false, to_timestamp(r.at / 1000), to_timestamp(r.at / 1000),
      r.difficulty, r.reached
    FROM ${given} JOIN tbg_api.mining_addresses a USING (address)
    JOIN tbg_api.mining_workers w ON w.address_id = a.id AND w.name = r.worker`
  yield* rollUpShares(version)
})
