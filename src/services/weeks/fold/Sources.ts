import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Monday } from "../../../domain/weeks/Week.ts"

const decodeWeeks = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ week: Schema.String, isFinal: Schema.Boolean }))
)
const decodeAddresses = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: Schema.Int })))
const decodeAccounts = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: Schema.String })))
const decodeLinks = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ week: Schema.String, addressId: Schema.Int }))
)

const RebuiltDay = Schema.Struct({ rebuildId: Schema.String, day: Schema.String })
const decodeDays = Schema.decodeUnknownEffect(Schema.Array(RebuiltDay))

/** Row of `mining_rebuild_days`. */
export type RebuiltDay = typeof RebuiltDay.Type

/** Reads what to fold apart from the changes of this process. */
export const makeSources = Effect.map(SqlClient.SqlClient, (sql) => {
  const weeks = Effect.flatMap(
    sql`SELECT to_char(week, 'YYYY-MM-DD') AS week, status = 'final' AS "isFinal" FROM tbg_api.mining_weeks ORDER BY week DESC`,
    (rows) => Effect.orDie(decodeWeeks(rows))
  ).pipe(sql.withTransaction)

  /** Addresses that have, or had, daily rows in a week. */
  const addressesOf = (week: Monday) =>
    Effect.flatMap(
      sql`
        SELECT DISTINCT w.address_id AS id
        FROM tbg_api.mining_work_1d d JOIN tbg_api.mining_workers w ON w.id = d.worker_id
        WHERE d.bucket >= ${`${week} 00:00:00+00`}::timestamptz
          AND d.bucket < ${`${week} 00:00:00+00`}::timestamptz + interval '7 days'
        UNION SELECT address_id FROM tbg_api.mining_week_miners WHERE week = ${week}::date`,
      (rows) => Effect.orDie(decodeAddresses(rows))
    ).pipe(
      sql.withTransaction,
      Effect.map((rows) => rows.map(({ id }) => id))
    )

  const accountsOf = (week: Monday) =>
    Effect.flatMap(
      sql`SELECT account_id::text AS id FROM tbg_api.mining_week_accounts WHERE week = ${week}::date`,
      (rows) => Effect.orDie(decodeAccounts(rows))
    ).pipe(
      sql.withTransaction,
      Effect.map((rows) => rows.map(({ id }) => id))
    )

  /** Addresses that an account added in the last 10 minutes, by open week. */
  const linked = Effect.flatMap(
    sql`
      SELECT to_char(m.week, 'YYYY-MM-DD') AS week, m.address_id AS "addressId"
      FROM tbg_api.account_addresses l JOIN tbg_api.mining_addresses a ON a.address = l.address
      JOIN tbg_api.mining_week_miners m ON m.address_id = a.id
      JOIN tbg_api.mining_weeks w ON w.week = m.week AND w.status = 'open'
      WHERE l.created_at > clock_timestamp() - interval '10 minutes' AND m.account_id IS DISTINCT FROM l.account_id`,
    (rows) => Effect.orDie(decodeLinks(rows))
  ).pipe(sql.withTransaction)

  /** Rebuilt days that are not folded yet, in order. */
  const rebuilt = Effect.flatMap(
    sql`
      SELECT d.rebuild_id::text AS "rebuildId", to_char(d.day, 'YYYY-MM-DD') AS day
      FROM tbg_api.mining_rebuild_days d CROSS JOIN tbg_api.mining_week_state s
      WHERE (d.rebuild_id, d.day) > (s.rebuild_id, s.rebuild_day) ORDER BY d.rebuild_id, d.day`,
    (rows) => Effect.orDie(decodeDays(rows))
  ).pipe(sql.withTransaction)

  /** Records, in the transaction in progress, that all rebuilt days up to this one are folded. */
  const recordRebuilt = ({ day, rebuildId }: RebuiltDay) => sql`
    UPDATE tbg_api.mining_week_state SET rebuild_id = ${rebuildId}::bigint, rebuild_day = ${day}::date`

  return { weeks, addressesOf, accountsOf, linked, rebuilt, recordRebuilt }
})
