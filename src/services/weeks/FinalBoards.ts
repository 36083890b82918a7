import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Timestamp } from "../../domain/Timestamp.ts"
import { WeekStatus } from "../../domain/weeks/Board.ts"
import type { Board } from "../../domain/weeks/Board.ts"
import type { Monday } from "../../domain/weeks/Week.ts"
import { rowsOf, textOf } from "../mining/Rows.ts"
import { reads } from "../Reads.ts"
import type { Place } from "./Boards.ts"

const Row = Schema.Struct({
  position: Schema.Int,
  rank: Schema.Int,
  rank_change: Schema.NullOr(Schema.Int),
  address: Schema.String,
  value: Schema.Finite,
  at: Timestamp,
  shares: Schema.Finite,
  hash: Schema.String
})

/** Frozen boards of final weeks. */
export const makeFinalBoards = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const rows = rowsOf(Row)
  const totals = rowsOf(Schema.Struct({ total: Schema.Int }))
  const statuses = rowsOf(Schema.Struct({ status: WeekStatus }))

  /** SQL for the position of a place, also of one on the open board, whose pages may continue on the frozen one. */
  const positionOf = (week: Monday, board: Board, place: Place | undefined) => {
    if (place === undefined) return sql`0`
    if (place.position !== undefined) return sql`${place.position}::integer`
    const { address, at, value } = place
    return sql`(
      SELECT coalesce(max(r.position), 0) FROM tbg_api.mining_week_ranks r
      JOIN tbg_api.mining_addresses a ON a.id = r.address_id
      WHERE r.week = ${week}::date AND r.board = ${board} AND (-r.value, r.at, a.address COLLATE "C")
        <= (-(${value}::float8), ${at}::timestamptz, ${address}))`
  }

  return {
    /** Status of a week; `undefined` if it has no shares. */
    statusOf: (week: Monday) =>
      Effect.map(
        statuses(short(sql`SELECT status FROM tbg_api.mining_weeks WHERE week = ${week}::date`)),
        ([row]) => row?.status
      ),
    after: (week: Monday, board: Board, place: Place | undefined, limit: number) =>
      rows(
        short(sql`
          SELECT r.position, r.rank, r.rank_change, a.address, r.value, ${textOf(sql, "r.at")} AS at,
            r.shares::float8 AS shares, encode(r.hash, 'hex') AS hash
          FROM tbg_api.mining_week_ranks r JOIN tbg_api.mining_addresses a ON a.id = r.address_id
          WHERE r.week = ${week}::date AND r.board = ${board} AND r.position > ${positionOf(week, board, place)}
          ORDER BY r.position LIMIT ${limit}`)
      ),
    total: (week: Monday, board: Board) =>
      Effect.map(
        totals(
          short(sql`
            SELECT coalesce(max(position), 0) AS total FROM tbg_api.mining_week_ranks
            WHERE week = ${week}::date AND board = ${board}`)
        ),
        ([only]) => only?.total ?? 0
      )
  }
})
