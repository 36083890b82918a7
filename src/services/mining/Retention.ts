import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Number of quarantined events to keep. */
const maxQuarantined = 10_000

/** Rows to remove, by table; times by the database's clock. Partitions of `mining_shares` are emptied by arrivals. */
const expired = [
  ["mining_outbox", "at < now() - interval '10 minutes'"],
  ["mining_pool", "step = 1 AND bucket < now() - interval '2 hours 5 minutes'"],
  ["mining_pool", "step IN (60, 300) AND bucket < now() - interval '8 days 5 minutes'"],
  ["mining_pool", "step = 3600 AND bucket < now() - interval '35 days 1 hour'"],
  ["mining_work_5m", "bucket < now() - interval '8 days 5 minutes'"],
  ["mining_work_1h", "bucket < now() - interval '35 days 1 hour'"],
  ["mining_ratios", "day < (now() AT TIME ZONE 'UTC')::date - 16"],
  ["mining_quarantine", `id <= (SELECT max(id) - ${maxQuarantined} FROM tbg_api.mining_quarantine)`]
] as const

/** Removes expired rows, one table after the other, each in a transaction of its own. */
export const removeExpired = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach(
    expired,
    ([table, condition]) =>
      sql.withTransaction(sql`DELETE FROM tbg_api.${sql.literal(table)} WHERE ${sql.literal(condition)}`),
    { discard: true }
  )
)
