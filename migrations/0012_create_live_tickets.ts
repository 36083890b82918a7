import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE tbg_api.live_tickets (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL CONSTRAINT live_tickets_session_fkey REFERENCES tbg_api.sessions (id) ON DELETE CASCADE,
    hash bytea NOT NULL CONSTRAINT live_tickets_hash_check CHECK (octet_length(hash) = 32),
    openings integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  "CREATE INDEX live_tickets_session_idx ON tbg_api.live_tickets (session_id)",
  "CREATE INDEX live_tickets_expiry_idx ON tbg_api.live_tickets (expires_at)"
]

/** Tickets that open live streams without an access token (`docs/live.md`). */
export default Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
)

export const down = Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe("DROP TABLE tbg_api.live_tickets"))
