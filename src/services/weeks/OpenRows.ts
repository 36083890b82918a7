import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Statement } from "effect/sql"
import { Timestamp } from "../../domain/Timestamp.ts"
import type { Monday } from "../../domain/weeks/Week.ts"
import { textOf } from "../mining/Rows.ts"
import { reads } from "../Reads.ts"

const score = Schema.NullOr(Schema.Finite)

const common = {
  week: Schema.String,
  /** Id within the week, as text; ids are read in the order of the database. */
  id: Schema.String,
  /** Identity on the board: the address, or the account for luck. */
  key: Schema.String,
  address: Schema.NullOr(Schema.String),
  at: Schema.NullOr(Timestamp),
  shares: Schema.Finite
}

/** Values of an address in a week, and at the last 00:00 UTC; null without a share. */
const MinerScores = Schema.Struct({
  ...common,
  difficulty: score,
  difficulty_before: score,
  work: score,
  work_before: score
})
export type MinerScores = typeof MinerScores.Type

/** Luck of an account in a week, and at the last 00:00 UTC; null if it is not on the board. */
const AccountScores = Schema.Struct({ ...common, luck: score, luck_before: score })
export type AccountScores = typeof AccountScores.Type

/** Rows to read: those of a week after an id, or those of several weeks that changed after a version. */
export type RowSelection =
  | { readonly week: Monday; readonly after: string | undefined }
  | { readonly weeks: ReadonlyArray<Monday>; readonly since: number }

const noUuid = "00000000-0000-0000-0000-000000000000"

/**
 * Reads the rows of open weeks, undecoded, because decoding thousands of rows at once would block the event loop.
 * `OFFSET 0` makes Postgres look up each address instead of reading all of them for each page.
 */
export const makeOpenRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long } = yield* reads
  const version = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ version: Schema.Finite })]))

  /** SQL for a value of row `m` at the start of `day`, or at the start of the last day of its week if that is earlier. */
  const before = (day: string, value: string, former: string) =>
    sql`CASE WHEN m.last_day < least(${day}::date, m.week + 6) THEN ${sql.literal(value)} ELSE ${sql.literal(former)} END`

  const week = sql.literal("to_char(m.week, 'YYYY-MM-DD') AS week")

  const bounds = (selection: RowSelection, id: string, first: Statement.Fragment, limit: number) =>
    "week" in selection
      ? sql`m.week = ${selection.week}::date AND ${sql.literal(id)} > ${first} ORDER BY ${sql.literal(id)} LIMIT ${limit}`
      : sql`m.week = ANY (${selection.weeks}::date[]) AND m.version > ${selection.since}::bigint LIMIT ${limit}`

  const miners = (selection: RowSelection, day: string, limit: number) => {
    const after = "week" in selection ? (selection.after ?? "0") : "0"
    return long(sql`
      SELECT ${week}, m.address_id::text AS id, a.address AS key, a.address, ${textOf(sql, "m.best_at")} AS at,
        m.shares::float8 AS shares, m.best AS difficulty, ${before(day, "m.best", "m.best_before")} AS difficulty_before,
        CASE WHEN m.best IS NOT NULL THEN m.work END AS work, ${before(day, "m.work", "m.work_before")} AS work_before
      FROM tbg_api.mining_week_miners m
      CROSS JOIN LATERAL (SELECT address FROM tbg_api.mining_addresses WHERE id = m.address_id OFFSET 0) AS a
      WHERE ${bounds(selection, "m.address_id", sql`${after}::integer`, limit)}`)
  }

  const accounts = (selection: RowSelection, day: string, limit: number) => {
    const after = "week" in selection ? (selection.after ?? noUuid) : noUuid
    return long(sql`
      SELECT ${week}, m.account_id::text AS id, m.account_id::text AS key, a.address,
        ${textOf(sql, "m.best_at")} AS at, m.shares::float8 AS shares, m.luck,
        ${before(day, "m.luck", "m.luck_before")} AS luck_before
      FROM tbg_api.mining_week_accounts m
      LEFT JOIN LATERAL (SELECT address FROM tbg_api.mining_addresses WHERE id = m.address_id OFFSET 0) AS a ON true
      WHERE ${bounds(selection, "m.account_id", sql`${after}::uuid`, limit)}`)
  }

  return {
    /** Version of the last fold. */
    version: Effect.map(
      Effect.flatMap(long(sql`SELECT version::float8 AS version FROM tbg_api.mining_week_state`), (rows) =>
        Effect.orDie(version(rows))
      ),
      ([state]) => state.version
    ),
    miners: { read: miners, decode: Schema.decodeUnknownEffect(Schema.Array(MinerScores)) },
    accounts: { read: accounts, decode: Schema.decodeUnknownEffect(Schema.Array(AccountScores)) }
  }
})
