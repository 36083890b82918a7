import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const board = (table: string) =>
  `board text NOT NULL CONSTRAINT ${table}_board_check CHECK (board IN ('difficulty', 'work', 'luck'))`

const tables = [
  `CREATE TABLE tbg_api.mining_week_state (
    id boolean PRIMARY KEY DEFAULT true CONSTRAINT mining_week_state_id_check CHECK (id),
    term bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    rebuild_id bigint NOT NULL DEFAULT 0,
    rebuild_day date NOT NULL DEFAULT '-infinity'
  ) WITH (fillfactor = 20)`,
  "INSERT INTO tbg_api.mining_week_state DEFAULT VALUES",

  `CREATE TABLE tbg_api.mining_weeks (
    week date PRIMARY KEY CONSTRAINT mining_weeks_week_check CHECK (extract(isodow FROM week) = 1),
    status text NOT NULL DEFAULT 'open' CONSTRAINT mining_weeks_status_check CHECK (status IN ('open', 'final')),
    closed_at timestamptz,
    salt bytea CONSTRAINT mining_weeks_salt_check CHECK (octet_length(salt) = 32),
    digest bytea CONSTRAINT mining_weeks_digest_check CHECK (octet_length(digest) = 32),
    CONSTRAINT mining_weeks_final_check CHECK (
      status = CASE WHEN num_nulls(closed_at, salt, digest) = 0 THEN 'final' ELSE 'open' END
    )
  )`,

  `CREATE TABLE tbg_api.mining_week_miners (
    week date NOT NULL,
    address_id integer NOT NULL,
    account_id uuid,
    shares bigint NOT NULL,
    work double precision NOT NULL,
    best double precision,
    best_at timestamptz,
    best_worker_id integer,
    last_day date,
    work_before double precision,
    best_before double precision,
    version bigint NOT NULL,
    PRIMARY KEY (week, address_id)
  ) WITH (fillfactor = 70)`,
  "CREATE INDEX mining_week_miners_version_idx ON tbg_api.mining_week_miners (version)",
  `CREATE INDEX mining_week_miners_account_idx ON tbg_api.mining_week_miners (account_id, week)
    WHERE account_id IS NOT NULL`,

  `CREATE TABLE tbg_api.mining_week_accounts (
    week date NOT NULL,
    account_id uuid NOT NULL,
    luck double precision CONSTRAINT mining_week_accounts_luck_check CHECK (luck BETWEEN 0 AND 1),
    shares bigint NOT NULL,
    best double precision,
    best_at timestamptz,
    address_id integer,
    is_suspect boolean NOT NULL,
    last_day date,
    luck_before double precision,
    version bigint NOT NULL,
    PRIMARY KEY (week, account_id)
  ) WITH (fillfactor = 70)`,
  "CREATE INDEX mining_week_accounts_version_idx ON tbg_api.mining_week_accounts (version)",

  `CREATE TABLE tbg_api.mining_week_ranks (
    week date NOT NULL
      CONSTRAINT mining_week_ranks_week_fkey REFERENCES tbg_api.mining_weeks (week),
    ${board("mining_week_ranks")},
    position integer NOT NULL,
    rank integer NOT NULL,
    rank_change integer,
    address_id integer NOT NULL,
    account_id uuid,
    value double precision NOT NULL,
    at timestamptz NOT NULL,
    shares bigint NOT NULL,
    hash bytea NOT NULL CONSTRAINT mining_week_ranks_hash_check CHECK (octet_length(hash) = 32),
    PRIMARY KEY (week, board, position),
    CONSTRAINT mining_week_ranks_address_key UNIQUE (address_id, week, board)
  )`,
  `CREATE INDEX mining_week_ranks_account_idx ON tbg_api.mining_week_ranks (account_id, week)
    WHERE board = 'luck'`,

  `CREATE TABLE tbg_api.mining_week_amendments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    week date NOT NULL
      CONSTRAINT mining_week_amendments_week_fkey REFERENCES tbg_api.mining_weeks (week),
    at timestamptz NOT NULL,
    ${board("mining_week_amendments")},
    address_id integer NOT NULL,
    account_id uuid,
    before double precision,
    before_at timestamptz,
    after double precision,
    after_at timestamptz
  )`,
  "CREATE INDEX mining_week_amendments_week_idx ON tbg_api.mining_week_amendments (week, id)",

  // The leader fills the weeks of the shares that were counted before this migration.
  `INSERT INTO tbg_api.mining_weeks (week)
    SELECT DISTINCT date_trunc('week', bucket AT TIME ZONE 'UTC')::date FROM tbg_api.mining_work_1d`
]

/** Boards of the weekly game. Columns, units and times: `docs/mining-tables.md`. */
export default Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach(tables, (statement) => sql.unsafe(statement), { discard: true })
)

export const down = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.unsafe(`DROP TABLE tbg_api.mining_week_amendments, tbg_api.mining_week_ranks, tbg_api.mining_week_accounts,
    tbg_api.mining_week_miners, tbg_api.mining_weeks, tbg_api.mining_week_state`)
)
