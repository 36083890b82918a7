import {
  bigint,
  bigserial,
  boolean,
  btc,
  char,
  date,
  defaulted,
  double,
  inet,
  integer,
  jsonb,
  later,
  nullable,
  text,
  timestamptz,
  varchar
} from "./Column.ts"
import { table } from "./Table.ts"

/** Miners, each identified by its payout address. */
export const users = table("users", {
  columns: {
    id: bigserial,
    btc_address: varchar(62),
    display_name: nullable(varchar(64)),
    country_code: nullable(char(2)),
    created_at: nullable(timestamptz, "now()"),
    last_seen: nullable(timestamptz),
    is_verified: nullable(boolean, "false")
  },
  constraints: { users_pkey: "PRIMARY KEY (id)", users_btc_address_key: "UNIQUE (btc_address)" }
})

/** Machines of miners. Hash rates are means over the last minute, 5 minutes, hour and day. */
export const workers = table("workers", {
  columns: {
    id: bigserial,
    user_id: nullable(bigint),
    worker_name: varchar(128),
    first_seen: nullable(timestamptz, "now()"),
    last_share: nullable(timestamptz),
    current_diff: nullable(double),
    hashrate_1m: nullable(double),
    hashrate_5m: nullable(double),
    hashrate_1h: nullable(double),
    hashrate_24h: nullable(double),
    is_online: nullable(boolean, "false"),
    source: nullable(varchar(16), "'hosted'")
  },
  constraints: { workers_pkey: "PRIMARY KEY (id)", workers_user_id_fkey: "FOREIGN KEY (user_id) REFERENCES users(id)" },
  indexes: { idx_workers_user_id: "(user_id)", idx_workers_online: "(is_online) WHERE (is_online = true)" }
})

/** Shares submitted by workers. */
export const shares = table("shares", {
  columns: {
    time: timestamptz,
    btc_address: varchar(62),
    worker_name: defaulted(varchar(128), "''"),
    difficulty: double, // assigned to the worker
    share_diff: double, // reached by the share
    is_valid: defaulted(boolean, "true"),
    is_block: nullable(boolean, "false"),
    ip_address: nullable(inet),
    nonce: nullable(varchar(16)),
    nonce2: nullable(varchar(32)),
    block_hash: nullable(varchar(64)),
    source: nullable(varchar(16), "'hosted'"),
    region: later
  },
  indexes: { idx_shares_address: `(btc_address, "time" DESC)`, idx_shares_valid: `(is_valid, "time" DESC)` },
  hypertable: {
    timeColumn: "time",
    chunk: "1 day",
    timeIndex: { shares_time_idx: `("time" DESC)` },
    compression: { segmentBy: "btc_address", orderBy: "time DESC", after: "7 days" },
    dropAfter: "90 days"
  }
})

/** Blocks found by the pool. */
export const blocks = table("blocks", {
  columns: {
    id: bigserial,
    block_height: integer,
    block_hash: varchar(64),
    prev_hash: nullable(varchar(64)),
    user_id: nullable(bigint),
    worker_id: nullable(bigint),
    btc_address: nullable(varchar(62)),
    reward_btc: nullable(btc),
    fees_btc: nullable(btc),
    difficulty: nullable(double),
    confirmations: nullable(integer, "0"),
    found_at: defaulted(timestamptz, "now()"),
    confirmed: nullable(boolean, "false"),
    coinbase_sig: nullable(varchar(128)),
    source: nullable(varchar(16), "'hosted'"),
    region: later
  },
  constraints: {
    blocks_pkey: "PRIMARY KEY (id)",
    blocks_block_hash_key: "UNIQUE (block_hash)",
    blocks_user_id_fkey: "FOREIGN KEY (user_id) REFERENCES users(id)",
    blocks_worker_id_fkey: "FOREIGN KEY (worker_id) REFERENCES workers(id)"
  },
  indexes: { idx_blocks_height: "(block_height DESC)", idx_blocks_user: "(user_id)" }
})

/** Best share of each address in each week. */
export const weekly_best_diff = table("weekly_best_diff", {
  columns: {
    id: bigserial,
    user_id: nullable(bigint),
    btc_address: varchar(62),
    week_start: date,
    best_difficulty: double,
    best_share_time: nullable(timestamptz),
    total_shares: nullable(bigint, "0")
  },
  constraints: {
    weekly_best_diff_pkey: "PRIMARY KEY (id)",
    weekly_best_diff_btc_address_week_start_key: "UNIQUE (btc_address, week_start)",
    weekly_best_diff_user_id_fkey: "FOREIGN KEY (user_id) REFERENCES users(id)"
  },
  indexes: { idx_weekly_best_user: "(btc_address, week_start DESC)" }
})

/** Events reported by the collector. */
export const mining_events = table("mining_events", {
  columns: {
    ts: timestamptz,
    event_type: text,
    source: nullable(varchar(16), "'hosted'"),
    payload: jsonb,
    region: later
  },
  indexes: { idx_events_type_ts: "(event_type, ts DESC)", idx_events_user: "(((payload ->> 'user'::text)))" },
  hypertable: {
    timeColumn: "ts",
    chunk: "1 day",
    timeIndex: { mining_events_ts_idx: "(ts DESC)" },
    compression: { segmentBy: "event_type", orderBy: "ts DESC", after: "3 days" },
    dropAfter: "30 days"
  }
})

/** Migrations of the database's owner. */
const schema_migrations = table("schema_migrations", {
  columns: {
    version: integer,
    name: varchar(255),
    applied_at: nullable(timestamptz, "now()"),
    checksum: nullable(varchar(64))
  },
  constraints: { schema_migrations_pkey: "PRIMARY KEY (version)" }
})

/** Events of the owner's rate limiter. */
const rate_limit_events = table("rate_limit_events", {
  columns: {
    ts: timestamptz,
    ip_address: inet,
    event_type: varchar(32),
    details: nullable(jsonb),
    region: nullable(varchar(8), "'eu'")
  },
  indexes: { idx_ratelimit_ip: "(ip_address, ts DESC)" },
  hypertable: {
    timeColumn: "ts",
    chunk: "1 day",
    timeIndex: { rate_limit_events_ts_idx: "(ts DESC)" },
    compression: null,
    dropAfter: "14 days"
  }
})

/** Tables that a database must have for this service (contract section 7). */
export const coreTables = { users, workers, shares, blocks, weekly_best_diff, mining_events }

/** Tables of the owner's init script (contract section 7), referenced tables first. */
export const baselineTables = { ...coreTables, schema_migrations, rate_limit_events }

export type TableName = keyof typeof baselineTables
