import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"

/** SQL for more terms of a `WITH` clause, which insert and count the amendments that a query returns. */
export const amendedBy = (sql: SqlClient.SqlClient, amendments: Fragment): Fragment => sql`, amended AS (
    INSERT INTO tbg_api.mining_week_amendments (
      week, at, board, address_id, account_id, before, before_at, after, after_at
    ) ${amendments} RETURNING board
  ), counted AS (
    INSERT INTO tbg_api.mining_counters AS c (name, label, value)
    SELECT 'amendments', board, count(*) FROM amended GROUP BY board
    ON CONFLICT (name, label) DO UPDATE SET value = c.value + excluded.value
  )`
