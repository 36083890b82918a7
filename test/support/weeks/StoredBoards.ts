import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Board } from "../../../src/domain/weeks/Board.ts"
import { microsOf } from "../../../src/services/mining/projection/Rows.ts"
import { boardRows } from "../../../src/services/weeks/fold/Closing.ts"

const entry = {
  board: Board,
  address: Schema.String,
  account: Schema.NullOr(Schema.String),
  value: Schema.Number,
  at: Schema.Number,
  shares: Schema.Number
}
const Entry = Schema.Struct({ ...entry, before: Schema.NullOr(Schema.Number) })
const Rank = Schema.Struct({
  ...entry,
  position: Schema.Int,
  rank: Schema.Int,
  rank_change: Schema.NullOr(Schema.Int)
})
const Amendment = Schema.Struct({
  board: Board,
  address: Schema.String,
  account: Schema.NullOr(Schema.String),
  before: Schema.NullOr(Schema.Number),
  beforeAt: Schema.NullOr(Schema.Number),
  after: Schema.NullOr(Schema.Number),
  afterAt: Schema.NullOr(Schema.Number)
})
const Week = Schema.Struct({
  status: Schema.String,
  salt: Schema.NullOr(Schema.Uint8Array),
  digest: Schema.NullOr(Schema.String)
})

/** Entries of a week that is open, seen on the day `today`. */
export const storedEntries = Effect.fnUntraced(function* (week: string, today: string) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT b.board, a.address, b.account_id::text AS account, b.value, ${microsOf(sql, "b.at")} AS at,
      b.shares::float8 AS shares, b.before
    FROM (${boardRows(sql, week, today)}) AS b JOIN tbg_api.mining_addresses a ON a.id = b.address_id ORDER BY b.board, a.address`
  return yield* Schema.decodeUnknownEffect(Schema.Array(Entry))(rows)
})

/** Frozen ranks of a week. */
export const storedRanks = Effect.fnUntraced(function* (week: string) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT r.board, a.address, r.account_id::text AS account, r.value, ${microsOf(sql, "r.at")} AS at,
      r.shares::float8 AS shares, r.position, r.rank, r.rank_change
    FROM tbg_api.mining_week_ranks r JOIN tbg_api.mining_addresses a ON a.id = r.address_id
    WHERE r.week = ${week}::date ORDER BY r.board, r.position`
  return yield* Schema.decodeUnknownEffect(Schema.Array(Rank))(rows)
})

/** Amendments of a week in their order. */
export const storedAmendments = Effect.fnUntraced(function* (week: string) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT m.board, a.address, CASE WHEN m.board = 'luck' THEN m.account_id::text END AS account, m.before,
      ${microsOf(sql, "m.before_at")} AS "beforeAt", m.after, ${microsOf(sql, "m.after_at")} AS "afterAt"
    FROM tbg_api.mining_week_amendments m JOIN tbg_api.mining_addresses a ON a.id = m.address_id
    WHERE m.week = ${week}::date ORDER BY m.id`
  return yield* Schema.decodeUnknownEffect(Schema.Array(Amendment))(rows)
})

export const storedWeek = Effect.fnUntraced(function* (week: string) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT status, salt, encode(digest, 'hex') AS digest FROM tbg_api.mining_weeks WHERE week = ${week}::date`
  return (yield* Schema.decodeUnknownEffect(Schema.Array(Week))(rows))[0]
})
