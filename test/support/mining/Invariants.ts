import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

/*
 * Invariants of `mining_shares` and `shares` after any faults, in separate SQL. Names in `shares` are those of
 * the simulator: the address, a dot and a name. Raw shares are kept for two hours, so tests end before.
 */

const counted = `
  SELECT a.address, a.address || '.' || w.name AS full_name, s.difficulty, s.reached, s.at
  FROM tbg_api.mining_shares s
  JOIN tbg_api.mining_workers w ON w.id = s.worker_id JOIN tbg_api.mining_addresses a ON a.id = w.address_id
  WHERE s.is_counted`

const within = "abs(extract(epoch FROM s.time - c.at)) < 2"
const sameKey = "c.full_name = s.worker_name AND c.difficulty = s.difficulty AND c.reached = s.share_diff"

const queries = {
  /** Shares in the table that are not counted. */
  lost: `SELECT count(*)::int AS count FROM public.shares s
    WHERE NOT EXISTS (SELECT FROM (${counted}) c WHERE ${sameKey} AND ${within})`,
  /** Counted shares that are not in the table. The collector ignores worker and difficulty when it filters copies. */
  invented: `SELECT count(*)::int AS count FROM (${counted}) c
    WHERE NOT EXISTS (
      SELECT FROM public.shares s WHERE s.btc_address = c.address AND s.share_diff = c.reached AND ${within}
    )`,
  /** Counted shares that are copies of another one. */
  twice: `WITH c AS (${counted}) SELECT count(*)::int AS count FROM (
      SELECT at, lag(at) OVER (PARTITION BY full_name, difficulty, reached ORDER BY at) AS before FROM c
    ) pairs WHERE at - before < interval '2 seconds'`,
  /** Difference between the daily rows and the counted shares. */
  unbalanced: `SELECT abs((SELECT count(*) FROM (${counted}) c) -
    (SELECT coalesce(sum(shares), 0) FROM tbg_api.mining_work_1d))::int AS count`
} as const

const decodeCount = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ count: Schema.Int })]))

const countOf = Effect.fnUntraced(function* (query: string) {
  const sql = yield* SqlClient.SqlClient
  const [{ count }] = yield* Effect.flatMap(sql.unsafe(query), decodeCount)
  return count
})

/** Number of violations of each invariant. */
export const violations = Effect.all({
  lost: countOf(queries.lost),
  invented: countOf(queries.invented),
  twice: countOf(queries.twice),
  unbalanced: countOf(queries.unbalanced)
})

/** Number of counted shares. */
export const countedSoFar = countOf(`SELECT count(*)::int AS count FROM (${counted}) c`)

/** Raw counted shares, which the roll-ups must add up to. */
export const countedRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT a.address, w.name AS worker, s.difficulty, s.reached,
      (extract(epoch FROM s.at) * 1000000)::float8 AS at
    FROM tbg_api.mining_shares s
    JOIN tbg_api.mining_workers w ON w.id = s.worker_id JOIN tbg_api.mining_addresses a ON a.id = w.address_id
    WHERE s.is_counted`
  return yield* decodeRows(rows)
})

const decodeRows = Schema.decodeUnknownEffect(
  Schema.Array(
    Schema.Struct({
      address: Schema.String,
      worker: Schema.String,
      difficulty: Schema.Number,
      reached: Schema.Number,
      at: Schema.Number
    })
  )
)
