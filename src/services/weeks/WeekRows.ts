import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Timestamp } from "../../domain/Timestamp.ts"
import { WeekStatus } from "../../domain/weeks/Board.ts"
import { Amendment } from "../../domain/weeks/Results.ts"
import type { Monday } from "../../domain/weeks/Week.ts"
import { blocksFoundBetween } from "../mining/PoolBlocks.ts"
import { bestOf, BestRow, rowsOf, textOf } from "../mining/Rows.ts"
import { reads } from "../Reads.ts"

const score = Schema.NullOr(Schema.Finite)
const rank = Schema.NullOr(Schema.Int)

const MinerWeek = Schema.Struct({
  week: Schema.String,
  status: WeekStatus,
  account: Schema.NullOr(Schema.String),
  shares: Schema.Finite,
  work: Schema.Finite,
  best: BestRow,
  days: Schema.Array(Schema.Struct({ day: Schema.String, best: BestRow })),
  network_difficulty: score,
  luck: score,
  difficulty_rank: rank,
  work_rank: rank,
  luck_rank: rank,
  salt: Schema.NullOr(Schema.String)
})
export type MinerWeek = typeof MinerWeek.Type

const WeekFacts = Schema.Struct({
  status: WeekStatus,
  closed_at: Schema.NullOr(Timestamp),
  digest: Schema.NullOr(Schema.String),
  miners: Schema.Finite,
  shares: Schema.Finite,
  work: Schema.Finite,
  amendments: Schema.Finite
})
export type WeekFacts = typeof WeekFacts.Type

const AmendmentRow = Schema.Struct({
  at: Amendment.fields.at,
  board: Amendment.fields.board,
  address: Schema.String,
  before: Amendment.fields.before,
  before_at: Amendment.fields.before_at,
  after: Amendment.fields.after,
  after_at: Amendment.fields.after_at
})

/** Statements for weeks and their results. */
export const makeWeekRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long, short } = yield* reads
  const minerWeeks = rowsOf(MinerWeek)
  const ids = rowsOf(Schema.Struct({ id: Schema.Int }))
  const facts = rowsOf(WeekFacts)
  const blocks = rowsOf(Schema.Struct({ blocks: Schema.Finite }))
  const amendments = rowsOf(AmendmentRow)

  const frozen = (board: string, key: string) =>
    sql.literal(`(SELECT * FROM tbg_api.mining_week_ranks r WHERE r.week = m.week AND r.board = '${board}' AND ${key})`)

  /** Best share of each day with shares. */
  const days = sql`(
    SELECT coalesce(json_agg(json_build_object('day', to_char(d.bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'best',
      ${bestOf(sql, "d")}) ORDER BY d.bucket), '[]')
    FROM (
      SELECT DISTINCT ON (r.bucket) r.bucket, r.best, r.best_at, w.name FROM tbg_api.mining_work_1d r
      JOIN tbg_api.mining_workers w ON w.id = r.worker_id
      WHERE r.worker_id = ANY (ARRAY(SELECT x.id FROM tbg_api.mining_workers x WHERE x.address_id = m.address_id))
        AND r.bucket >= m.week::timestamp AT TIME ZONE 'UTC'
        AND r.bucket < (m.week + 7)::timestamp AT TIME ZONE 'UTC'
      ORDER BY r.bucket, r.best DESC, r.best_at, r.worker_id
    ) d)`

  return {
    addressIdOf: (address: string) =>
      Effect.map(
        ids(short(sql`SELECT id FROM tbg_api.mining_addresses WHERE address = ${address} AND shares > 0`)),
        ([miner]) => miner?.id
      ),

    /** Weeks of an address before a week, newest first. Luck and ranks are null for open weeks. */
    ofMiner: (id: number, before: Monday | undefined, limit: number) =>
      minerWeeks(
        short(sql`
          SELECT to_char(m.week, 'YYYY-MM-DD') AS week, m.status, m.account_id::text AS account,
            m.shares::float8 AS shares, m.work, ${bestOf(sql, "m")} AS best, ${days} AS days, l.value AS luck,
            d.rank AS difficulty_rank, k.rank AS work_rank, l.rank AS luck_rank,
            encode(sha256(m.salt || convert_to(m.address, 'UTF8')), 'hex') AS salt,
            (SELECT n.difficulty FROM tbg_api.mining_network n
              WHERE n.difficulty IS NOT NULL AND n.at <= m.best_at ORDER BY n.at DESC, n.id DESC LIMIT 1
            ) AS network_difficulty
          FROM (
            SELECT m.*, w.status, w.salt, a.address, b.name FROM tbg_api.mining_weeks w
            JOIN tbg_api.mining_week_miners m ON m.week = w.week AND m.address_id = ${id}
            JOIN tbg_api.mining_addresses a ON a.id = m.address_id
            LEFT JOIN tbg_api.mining_workers b ON b.id = m.best_worker_id
            WHERE m.shares > 0 AND w.week < ${before ?? "infinity"}::date ORDER BY w.week DESC LIMIT ${limit}
          ) m
          LEFT JOIN LATERAL ${frozen("difficulty", "r.address_id = m.address_id")} d ON true
          LEFT JOIN LATERAL ${frozen("work", "r.address_id = m.address_id")} k ON true
          LEFT JOIN LATERAL ${frozen("luck", "r.account_id = m.account_id")} l ON true
          ORDER BY m.week DESC`)
      ),

    /** State of a week. The totals are those of its frozen boards; 0 while it is open. */
    factsOf: (week: Monday) =>
      Effect.map(
        facts(
          long(sql`
            SELECT w.status, ${textOf(sql, "w.closed_at")} AS closed_at, encode(w.digest, 'hex') AS digest, t.*,
              (SELECT count(*)::float8 FROM tbg_api.mining_week_amendments WHERE week = w.week) AS amendments
            FROM tbg_api.mining_weeks w, LATERAL (
              SELECT count(*)::float8 AS miners, coalesce(sum(shares), 0)::float8 AS shares,
                coalesce(sum(value), 0) AS work
              FROM tbg_api.mining_week_ranks WHERE week = w.week AND board = 'work'
            ) t
            WHERE w.week = ${week}::date`)
        ),
        ([row]) => row
      ),

    blocksBetween: (since: string, until: string) =>
      Effect.map(
        blocks(long(sql`SELECT ${blocksFoundBetween(sql, since, until)}::float8 AS blocks`)),
        ([only]) => only?.blocks ?? 0
      ),

    amendmentsOf: (week: Monday, limit: number) =>
      amendments(
        short(sql`
          SELECT ${textOf(sql, "m.at")} AS at, m.board, a.address, m.before, ${textOf(sql, "m.before_at")} AS before_at,
            m.after, ${textOf(sql, "m.after_at")} AS after_at
          FROM tbg_api.mining_week_amendments m JOIN tbg_api.mining_addresses a ON a.id = m.address_id
          WHERE m.week = ${week}::date ORDER BY m.id DESC LIMIT ${limit}`)
      )
  }
})
