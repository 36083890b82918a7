import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const tables = [
  "addresses",
  "workers",
  "shares",
  "work_5m",
  "work_1h",
  "work_1d",
  "ratios",
  "pool",
  "pool_bests",
  "blocks",
  "network",
  "counters",
  "quarantine",
  "outbox",
  "facts",
  "streams",
  "gaps",
  "week_miners",
  "week_accounts",
  "week_ranks",
  "week_amendments",
  "weeks"
]

/** Empties the projection, so that another test can use its database. */
export const clearMiningTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.unsafe(`TRUNCATE ${tables.map((name) => `tbg_api.mining_${name}`).join(", ")} RESTART IDENTITY`)
  yield* sql`UPDATE tbg_api.mining_state SET slot_hour = 0, outbox = 0, holder = NULL, expires_at = '-infinity'`
  yield* sql`UPDATE tbg_api.mining_week_state SET term = 0, version = 0`
  yield* sql`DELETE FROM public.shares`
})
