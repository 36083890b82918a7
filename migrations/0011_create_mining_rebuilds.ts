import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const tables = [
  `CREATE TABLE tbg_api.mining_rebuilds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    first_day date NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz
  )`,

  `CREATE TABLE tbg_api.mining_rebuild_days (
    rebuild_id bigint NOT NULL CONSTRAINT mining_rebuild_days_rebuild_fkey REFERENCES tbg_api.mining_rebuilds (id),
    day date NOT NULL,
    shares_before bigint NOT NULL,
    shares_after bigint NOT NULL,
    work_before double precision NOT NULL,
    work_after double precision NOT NULL,
    skipped bigint NOT NULL,
    PRIMARY KEY (rebuild_id, day)
  )`,

  `CREATE TABLE tbg_api.mining_rebuild_workers (
    worker_id integer PRIMARY KEY,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    difficulty double precision NOT NULL
  )`
]

/** Progress of `tbg mining rebuild`, which continues after it was killed. */
export default Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach(tables, (statement) => sql.unsafe(statement), { discard: true })
)

export const down = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.unsafe("DROP TABLE tbg_api.mining_rebuild_workers, tbg_api.mining_rebuild_days, tbg_api.mining_rebuilds")
)
