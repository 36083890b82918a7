import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Chunk } from "../../../domain/weeks/Pending.ts"
import { amendedBy } from "./Amendments.ts"
import type { Turn } from "./Lock.ts"
import { microsOf } from "../../mining/projection/Rows.ts"

type AddressChunk = Chunk<number>

const decodeAccounts = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ accountId: Schema.String })))

/** Columns of `mining_week_miners` that are computed from the daily rows. */
const results = "shares, work, best, best_at, best_worker_id, last_day, work_before, best_before"

/** SQL for the values of a row. */
const valuesOf = (row: string) => results.replaceAll(/\w+/gu, (column) => `${row}.${column}`)

/** Folds the daily rows of addresses in a week, in the transaction in progress. */
export const makeFoldMiners = Effect.map(SqlClient.SqlClient, (sql) => {
  const week = (chunk: AddressChunk) => sql`${chunk.week}::date`
  const start = ({ week }: AddressChunk) => sql`${`${week} 00:00:00+00`}::timestamptz`
  // `numeric` adds exactly, so the sums do not depend on the order of the rows.
  const work = sql.literal("sum(shares * difficulty::text::numeric)")

  /** Daily rows of the addresses. `OFFSET 0` makes Postgres use the indexes, so that old rows cost nothing. */
  const days = (chunk: AddressChunk) => sql`
    SELECT w.address_id, d.*, max(d.bucket) OVER (PARTITION BY w.address_id) AS last
    FROM unnest(${chunk.ids}::int[]) AS c (address_id)
    CROSS JOIN LATERAL (SELECT * FROM tbg_api.mining_workers WHERE address_id = c.address_id OFFSET 0) AS w
    CROSS JOIN LATERAL (
      SELECT * FROM tbg_api.mining_work_1d
      WHERE worker_id = w.id AND bucket >= ${start(chunk)} AND bucket < ${start(chunk)} + interval '7 days' OFFSET 0
    ) AS d`

  const folded = (chunk: AddressChunk) => sql`
    SELECT c.address_id, coalesce(s.shares, 0) AS shares, coalesce(s.work, 0)::double precision AS work,
      s.best[1] AS best, to_timestamp(-s.best[2] / 1e6) AS best_at, (-s.best[3])::integer AS best_worker_id,
      (s.last AT TIME ZONE 'UTC')::date AS last_day, s.work_before::double precision AS work_before, s.best_before
    FROM unnest(${chunk.ids}::int[]) AS c (address_id)
    LEFT JOIN (
      SELECT address_id, sum(shares) AS shares, ${work} AS work, max(best) AS best, max(last) AS last,
        ${work} FILTER (WHERE is_before) AS work_before, max(best[1]) FILTER (WHERE is_before) AS best_before
      FROM (
        SELECT address_id, difficulty, bucket < last AS is_before, sum(shares) AS shares, max(last) AS last,
          max(ARRAY[best, -${microsOf(sql, "best_at")}, -worker_id]) AS best
        FROM (${days(chunk)}) AS days GROUP BY 1, 2, 3
      ) AS sums GROUP BY 1
    ) AS s USING (address_id)`

  /** After closing, an address keeps its account, and each changed value becomes an amendment. */
  const statement = (chunk: AddressChunk, turn: Turn, isFinal: boolean) => sql`
    WITH old AS MATERIALIZED (
      SELECT * FROM tbg_api.mining_week_miners WHERE week = ${week(chunk)} AND address_id = ANY (${chunk.ids}::int[])
    ), folded AS (${folded(chunk)}), written AS (
      INSERT INTO tbg_api.mining_week_miners AS t (week, address_id, account_id, ${sql.literal(results)}, version)
      SELECT ${week(chunk)}, f.address_id,
        ${isFinal ? sql`CASE WHEN o.address_id IS NULL THEN l.account_id ELSE o.account_id END` : sql`l.account_id`},
        ${sql.literal(valuesOf("f"))}, ${turn.version}::bigint
      FROM folded f JOIN tbg_api.mining_addresses a ON a.id = f.address_id
      LEFT JOIN tbg_api.account_addresses l ON l.address = a.address
      LEFT JOIN old o ON o.address_id = f.address_id
      WHERE f.shares > 0 OR o.address_id IS NOT NULL
      ON CONFLICT (week, address_id) DO UPDATE SET (account_id, ${sql.literal(results)}, version)
        = ROW (excluded.account_id, ${sql.literal(valuesOf("excluded"))}, excluded.version)
      WHERE (t.account_id, ${sql.literal(valuesOf("t"))})
        IS DISTINCT FROM (excluded.account_id, ${sql.literal(valuesOf("excluded"))})
      RETURNING t.*
    )${isFinal ? amendedBy(sql, amendments(chunk, turn)) : sql.literal("")}
    SELECT account_id::text AS "accountId" FROM written WHERE account_id IS NOT NULL
    UNION
    SELECT o.account_id::text FROM written w JOIN old o USING (address_id) WHERE o.account_id IS NOT NULL`

  const amendments = (chunk: AddressChunk, turn: Turn) => sql`
    SELECT ${week(chunk)}, ${turn.at}::timestamptz, v.board, w.address_id, w.account_id, v.before, o.best_at, v.after, w.best_at
    FROM written w LEFT JOIN old o USING (address_id) CROSS JOIN LATERAL (VALUES
      ('difficulty', o.best, w.best),
      ('work', CASE WHEN o.shares > 0 THEN o.work END, CASE WHEN w.shares > 0 THEN w.work END)
    ) AS v (board, before, after)
    WHERE (v.before, o.best_at) IS DISTINCT FROM (v.after, w.best_at) ORDER BY w.address_id, v.board`

  /** Returns the accounts whose addresses changed. */
  return Effect.fnUntraced(function* (chunk: AddressChunk, turn: Turn, isFinal: boolean) {
    const rows = yield* statement(chunk, turn, isFinal)
    return (yield* Effect.orDie(decodeAccounts(rows))).map(({ accountId }) => accountId)
  })
})
