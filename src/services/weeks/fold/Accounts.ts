import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { accountResultOf } from "../../../domain/weeks/Luck.ts"
import type { Monday } from "../../../domain/weeks/Week.ts"
import { amendedBy } from "./Amendments.ts"
import type { Turn } from "./Lock.ts"
import { microsOf, rowsOf, timeOf } from "../../mining/projection/Rows.ts"

const Row = Schema.Struct({
  accountId: Schema.String,
  day: Schema.String,
  difficulty: Schema.Number,
  shares: Schema.Number,
  best: Schema.Number,
  bestAt: Schema.Number,
  addressId: Schema.Number
})
const decodeRows = Schema.decodeUnknownEffect(Schema.Array(Row))
const decodeSuspects = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ accountId: Schema.String })))

const none = { luck: null, shares: 0, best: null, bestAt: null, addressId: null, lastDay: null, luckBefore: null }

const results = "luck, shares, best, best_at, address_id, is_suspect, last_day, luck_before"
const valuesOf = (row: string) => results.replaceAll(/\w+/gu, (column) => `${row}.${column}`)

/** Accounts of a week to fold. */
export interface AccountsOfWeek {
  readonly week: Monday
  readonly accountIds: ReadonlyArray<string>
  readonly isFinal: boolean
}

/** Folds the daily rows of accounts in a week, in the transaction in progress, after those of their addresses. */
export const makeFoldAccounts = Effect.map(SqlClient.SqlClient, (sql) => {
  /** Shares that reached their assigned difficulty, per day. If a row has any, its best share is one of them. */
  const daysOf = ({ accountIds, week }: AccountsOfWeek) => {
    const start = sql`${`${week} 00:00:00+00`}::timestamptz`
    return sql`
      SELECT account_id::text AS "accountId", to_char(bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, difficulty,
        sum(shares - below)::double precision AS shares, max(best) AS best,
        ${microsOf(sql, "max(best_at) FILTER (WHERE is_best)")} AS "bestAt",
        max(address_id) FILTER (WHERE is_best) AS "addressId"
      FROM (
        SELECT m.account_id, m.address_id, d.*, row_number() OVER (
          PARTITION BY m.account_id, d.bucket, d.difficulty ORDER BY d.best DESC, d.best_at, m.address_id
        ) = 1 AS is_best
        FROM tbg_api.mining_week_miners m
        CROSS JOIN LATERAL (SELECT id FROM tbg_api.mining_workers WHERE address_id = m.address_id OFFSET 0) AS w
        CROSS JOIN LATERAL (
          SELECT * FROM tbg_api.mining_work_1d
          WHERE worker_id = w.id AND bucket >= ${start} AND bucket < ${start} + interval '7 days' OFFSET 0
        ) AS d
        WHERE m.week = ${week}::date AND m.account_id = ANY (${accountIds}::uuid[]) AND d.shares > d.below
      ) AS days
      GROUP BY account_id, bucket, difficulty`
  }

  const suspectsOf = ({ accountIds, week }: AccountsOfWeek) => sql`
    SELECT account_id::text AS "accountId" FROM tbg_api.mining_week_accounts
    WHERE week = ${week}::date AND account_id = ANY (${accountIds}::uuid[]) AND is_suspect`

  const amendments = ({ week }: AccountsOfWeek, turn: Turn) => sql`
    SELECT ${week}::date, ${turn.at}::timestamptz, 'luck', coalesce(w.address_id, o.address_id), account_id,
      o.luck, CASE WHEN o.luck IS NOT NULL THEN o.best_at END, w.luck, CASE WHEN w.luck IS NOT NULL THEN w.best_at END
    FROM written w LEFT JOIN old o USING (account_id)
    WHERE (o.luck IS NOT NULL OR w.luck IS NOT NULL)
      AND (o.luck, o.best_at, o.address_id) IS DISTINCT FROM (w.luck, w.best_at, w.address_id)
    ORDER BY account_id`

  const write = (accounts: AccountsOfWeek, rows: ReadonlyArray<object>, turn: Turn) => sql`
    WITH old AS MATERIALIZED (
      SELECT * FROM tbg_api.mining_week_accounts
      WHERE week = ${accounts.week}::date AND account_id = ANY (${accounts.accountIds}::uuid[])
    ), written AS (
      INSERT INTO tbg_api.mining_week_accounts AS t (week, account_id, ${sql.literal(results)}, version)
      SELECT ${accounts.week}::date, r."accountId", r.luck, r.shares, r.best, ${timeOf(sql, 'r."bestAt"')}, r."addressId",
        r."isSuspect", r."lastDay", r."luckBefore", ${turn.version}::bigint
      FROM json_to_recordset(${rowsOf(rows)}::json) AS r (
        "accountId" uuid, luck double precision, shares bigint, best double precision, "bestAt" double precision,
        "addressId" int, "isSuspect" boolean, "lastDay" date, "luckBefore" double precision
      )
      ON CONFLICT (week, account_id) DO UPDATE SET (${sql.literal(results)}, version)
        = ROW (${sql.literal(valuesOf("excluded"))}, excluded.version)
      WHERE (${sql.literal(valuesOf("t"))}) IS DISTINCT FROM (${sql.literal(valuesOf("excluded"))})
      RETURNING t.*
    )${accounts.isFinal ? amendedBy(sql, amendments(accounts, turn)) : sql.literal("")}
    SELECT count(*) FROM written`

  /** `suspects` are the accounts with a suspect address. The default is the result of the last test. */
  return Effect.fnUntraced(function* (accounts: AccountsOfWeek, turn: Turn, suspects?: ReadonlySet<string>) {
    if (accounts.accountIds.length === 0) return
    const days = Map.groupBy(yield* Effect.orDie(decodeRows(yield* daysOf(accounts))), ({ accountId }) => accountId)
    const stored = yield* Effect.orDie(decodeSuspects(yield* suspectsOf(accounts)))
    const suspect = suspects ?? new Set(stored.map(({ accountId }) => accountId))
    const rows = accounts.accountIds.map((accountId) => {
      const isSuspect = suspect.has(accountId)
      return { accountId, isSuspect, ...(accountResultOf(days.get(accountId) ?? [], isSuspect) ?? none) }
    })
    yield* write(accounts, rows, turn)
  })
})
