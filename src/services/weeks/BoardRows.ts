import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import type { Monday } from "../../domain/weeks/Week.ts"

/**
 * SQL for the entries of all boards of a week: `board`, `address_id`, `account_id`, `value`, `at`, `shares`, and
 * `before`, the value over the days before `today`. Its rows have no order.
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
