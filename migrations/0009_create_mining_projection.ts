import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Work of a worker at one assigned difficulty in one bucket of time; `bucket` is its start in UTC. */
const workTable = (name: string) => [
  `CREATE TABLE tbg_api.${name} (
    worker_id integer NOT NULL,
    bucket timestamptz NOT NULL,
    difficulty double precision NOT NULL,
    shares integer NOT NULL,
    below integer NOT NULL,
    best double precision NOT NULL,
    best_at timestamptz NOT NULL,
    PRIMARY KEY (worker_id, bucket, difficulty)
  ) WITH (fillfactor = 80)`,
  // Removes and lists buckets by time. Unlike a B-tree, it costs an insert next to nothing.
  `CREATE INDEX ${name}_bucket_idx ON tbg_api.${name} USING brin (bucket) WITH (pages_per_range = 32)`
]

/** Hours of arrival, modulo 4: a partition is emptied when its turn comes again, without DDL. */
const shareSlots = [0, 1, 2, 3]

const tables = [
  `CREATE TABLE tbg_api.mining_state (
    id boolean PRIMARY KEY DEFAULT true CONSTRAINT mining_state_id_check CHECK (id),
    holder text,
    term bigint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    version bigint NOT NULL DEFAULT 0,
    outbox bigint NOT NULL DEFAULT 0,
    slot_hour bigint NOT NULL DEFAULT 0,
    polled_at timestamptz,
    pending_since timestamptz,
    last_event_at timestamptz,
    progressed_at timestamptz
  ) WITH (fillfactor = 20)`,
  "INSERT INTO tbg_api.mining_state DEFAULT VALUES",

  `CREATE TABLE tbg_api.mining_streams (
    stream text PRIMARY KEY,
    entry text NOT NULL,
    arrived_at timestamptz NOT NULL
  ) WITH (fillfactor = 50)`,

  `CREATE TABLE tbg_api.mining_gaps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reason text NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    counted bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
  )`,

  `CREATE TABLE tbg_api.mining_addresses (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address text NOT NULL CONSTRAINT mining_addresses_address_key UNIQUE,
    workers integer NOT NULL DEFAULT 0,
    first_seen timestamptz,
    last_share_at timestamptz,
    shares bigint NOT NULL DEFAULT 0,
    best double precision,
    best_at timestamptz,
    best_worker_id integer
  ) WITH (fillfactor = 50)`,

  `CREATE TABLE tbg_api.mining_workers (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_id integer NOT NULL CONSTRAINT mining_workers_address_fkey REFERENCES tbg_api.mining_addresses (id),
    name text NOT NULL CONSTRAINT mining_workers_name_check CHECK (octet_length(name) BETWEEN 1 AND 128),
    first_seen timestamptz,
    last_share_at timestamptz,
    difficulty double precision,
    shares bigint NOT NULL DEFAULT 0,
    best double precision,
    best_at timestamptz,
    connected_at timestamptz,
    disconnected_at timestamptz,
    CONSTRAINT mining_workers_name_key UNIQUE (address_id, name)
  ) WITH (fillfactor = 50)`,

  `CREATE TABLE tbg_api.mining_shares (
    worker_id integer NOT NULL,
    slot smallint NOT NULL,
    is_counted boolean NOT NULL,
    is_refilled boolean NOT NULL,
    at timestamptz NOT NULL,
    arrived_at timestamptz NOT NULL,
    difficulty double precision NOT NULL,
    reached double precision NOT NULL
  ) PARTITION BY LIST (slot)`,
  ...shareSlots.map(
    (slot) => `CREATE TABLE tbg_api.mining_shares_${slot} PARTITION OF tbg_api.mining_shares FOR VALUES IN (${slot})`
  ),
  "CREATE INDEX mining_shares_worker_idx ON tbg_api.mining_shares (worker_id, at)",

  ...["mining_work_5m", "mining_work_1h", "mining_work_1d"].flatMap(workTable),

  `CREATE TABLE tbg_api.mining_ratios (
    address_id integer NOT NULL,
    day date NOT NULL,
    bin smallint NOT NULL CONSTRAINT mining_ratios_bin_check CHECK (bin BETWEEN 0 AND 63),
    shares integer NOT NULL,
    PRIMARY KEY (address_id, day, bin)
  ) WITH (fillfactor = 80)`,

  `CREATE TABLE tbg_api.mining_pool (
    step integer NOT NULL,
    bucket timestamptz NOT NULL,
    shares bigint NOT NULL,
    work numeric NOT NULL,
    work_squared numeric NOT NULL,
    max_difficulty double precision NOT NULL,
    PRIMARY KEY (step, bucket)
  ) WITH (fillfactor = 50)`,

  `CREATE TABLE tbg_api.mining_pool_bests (
    day date PRIMARY KEY,
    best double precision NOT NULL,
    best_at timestamptz NOT NULL,
    worker_id integer NOT NULL
  )`,

  `CREATE TABLE tbg_api.mining_network (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    height integer NOT NULL,
    hash text,
    prev_hash text,
    difficulty double precision,
    at timestamptz NOT NULL,
    CONSTRAINT mining_network_height_key UNIQUE NULLS NOT DISTINCT (height, hash)
  )`,
  "CREATE INDEX mining_network_at_idx ON tbg_api.mining_network (at, id)",

  `CREATE TABLE tbg_api.mining_blocks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    height integer NOT NULL,
    hash text,
    address_id integer CONSTRAINT mining_blocks_address_fkey REFERENCES tbg_api.mining_addresses (id),
    worker_id integer CONSTRAINT mining_blocks_worker_fkey REFERENCES tbg_api.mining_workers (id),
    difficulty double precision,
    found_at timestamptz NOT NULL,
    CONSTRAINT mining_blocks_height_key UNIQUE NULLS NOT DISTINCT (height, address_id, worker_id)
  )`,

  `CREATE TABLE tbg_api.mining_counters (
    name text NOT NULL,
    label text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (name, label)
  ) WITH (fillfactor = 50)`,

  `CREATE TABLE tbg_api.mining_quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    stream text NOT NULL,
    entry text NOT NULL,
    reason text NOT NULL,
    content text NOT NULL
  )`,

  `CREATE TABLE tbg_api.mining_outbox (
    last bigint PRIMARY KEY,
    first bigint NOT NULL,
    at timestamptz NOT NULL,
    events text NOT NULL
  )`,
  "CREATE INDEX mining_outbox_at_idx ON tbg_api.mining_outbox (at)",

  `CREATE TABLE tbg_api.mining_facts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_id integer,
    kind text NOT NULL CONSTRAINT mining_facts_kind_check CHECK (kind IN ('best', 'block', 'worker')),
    at timestamptz NOT NULL,
    data json NOT NULL
  )`,
  "CREATE INDEX mining_facts_address_idx ON tbg_api.mining_facts (address_id, id)"
]

const names =
  "facts outbox quarantine counters blocks network pool_bests pool ratios work_1d work_1h work_5m shares workers addresses gaps streams state"

/** Tables of the mining projection. Columns, units and times: `docs/mining-tables.md`. */
export default Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach(tables, (statement) => sql.unsafe(statement), { discard: true })
)

export const down = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.unsafe(`DROP TABLE tbg_api.mining_${names.replaceAll(" ", ", tbg_api.mining_")}`)
)
