import { Clock, DateTime, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import { createHash, randomBytes } from "node:crypto"
import { Board } from "../../../domain/weeks/Board.ts"
import { digestLine } from "../../../domain/weeks/Digest.ts"
import { endOf } from "../../../domain/weeks/Week.ts"
import type { Monday } from "../../../domain/weeks/Week.ts"
import type { Turn } from "./Lock.ts"

const decodeReadiness = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ isComplete: Schema.Boolean })]))
const decodeLines = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ board: Board, rank: Schema.Int, value: Schema.Number, hash: Schema.String }))
)

/** Entries per read, so that the event loop is not blocked for long. */
const pageSize = 2000

const day = 86_400_000

/** Milliseconds after the end of a week at which it is closed even if some of its events are unprocessed. */
const maxWait = day

/**
 * SQL for the entries of all boards of a week: `board`, `address_id`, `account_id`, `value`, `at`, `shares`, and
 * `before`, the value over the days before `today`. The rows have no order.
 */
export const boardRows = (sql: SqlClient.SqlClient, week: Monday, today: string): Fragment => {
  const before = (value: string, earlier: string) =>
    sql`CASE WHEN last_day < ${today}::date THEN ${sql.literal(value)} ELSE ${sql.literal(earlier)} END`
  return sql`
    SELECT 'difficulty' AS board, address_id, NULL::uuid AS account_id, best AS value, best_at AS at, shares,
      ${before("best", "best_before")} AS before
    FROM tbg_api.mining_week_miners WHERE week = ${week}::date AND shares > 0
    UNION ALL
    SELECT 'work', address_id, NULL, work, best_at, shares, ${before("work", "work_before")}
    FROM tbg_api.mining_week_miners WHERE week = ${week}::date AND shares > 0
    UNION ALL
    SELECT 'luck', address_id, account_id, luck, best_at, shares, ${before("luck", "luck_before")}
    FROM tbg_api.mining_week_accounts WHERE week = ${week}::date AND luck IS NOT NULL`
}

/** Freezes the boards of a week, in the transaction in progress. */
export const makeClosing = Effect.map(SqlClient.SqlClient, (sql) => {
  const time = (millis: number) => sql`${DateTime.formatIso(DateTime.makeUnsafe(millis))}::timestamptz`

  /** Whether no event of the week is known to be unprocessed, neither in the streams nor in a gap. */
  const isComplete = Effect.fnUntraced(function* (week: Monday) {
    const now = yield* Clock.currentTimeMillis
    if (now >= endOf(week) + maxWait) return true
    const rows = yield* sql`
      SELECT coalesce(pending_since >= ${time(endOf(week))}, true) AND NOT EXISTS (
        SELECT FROM tbg_api.mining_gaps WHERE finished_at IS NULL AND from_at < ${time(endOf(week))}
      ) AS "isComplete" FROM tbg_api.mining_state`
    const [row] = yield* Effect.orDie(decodeReadiness(rows))
    return row.isComplete
  })

  /** Freezes a board. The salt has a fixed length and addresses have checksums, so the hash needs no HMAC. */
  const insertRanks = (week: Monday, board: Board, salt: string) => sql`
    INSERT INTO tbg_api.mining_week_ranks (
      week, board, position, rank, rank_change, address_id, account_id, value, at, shares, hash
    )
    SELECT ${week}::date, board, position, rank,
      CASE WHEN before IS NOT NULL THEN rank_before - rank END, address_id, account_id, value, at, shares,
      sha256(sha256(decode(${salt}, 'hex') || convert_to(address, 'UTF8')) || convert_to(address, 'UTF8'))
    FROM (
      SELECT b.*, a.address,
        row_number() OVER (ORDER BY value DESC, at, a.address COLLATE "C") AS position,
        rank() OVER (ORDER BY value DESC) AS rank,
        rank() OVER (ORDER BY before DESC NULLS LAST) AS rank_before
      FROM (${boardRows(sql, week, DateTime.formatIsoDateUtc(DateTime.makeUnsafe(endOf(week) - day)))}) AS b
      JOIN tbg_api.mining_addresses a ON a.id = b.address_id
      WHERE board = ${board}
    ) AS ranked`

  const digestOf = Effect.fnUntraced(function* (week: Monday) {
    const hash = createHash("sha256")
    for (const board of Board.literals) {
      for (let after = 0; ; after += pageSize) {
        const rows = yield* sql`
          SELECT board, rank, value, encode(hash, 'hex') AS hash FROM tbg_api.mining_week_ranks
          WHERE week = ${week}::date AND board = ${board}
            AND position > ${after}::int AND position <= ${after + pageSize}::int
          ORDER BY position`
        const lines = yield* Effect.orDie(decodeLines(rows))
        hash.update(lines.map(digestLine).join(""))
        if (lines.length < pageSize) break
      }
    }
    return hash.digest("hex")
  })

  const close = Effect.fnUntraced(function* (week: Monday, { at }: Turn) {
    const salt = randomBytes(32).toString("hex")
    // One statement per board, so that each ends within the statement timeout.
    yield* Effect.forEach(Board.literals, (board) => insertRanks(week, board, salt), { discard: true })
    const digest = yield* digestOf(week)
    yield* sql`
      UPDATE tbg_api.mining_weeks SET status = 'final', closed_at = ${at}::timestamptz,
        salt = decode(${salt}, 'hex'), digest = decode(${digest}, 'hex')
      WHERE week = ${week}::date`
    yield* Effect.annotateLogs(Effect.logInfo("week closed"), { week, digest })
  })

  return { isComplete, close }
})
