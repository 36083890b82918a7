import { optional, required, serial, timestamp } from "./Table.ts"
import type { BaselineTable } from "./Table.ts"

const users: BaselineTable = {
  core: true,
  columns: {
    id: serial("users"),
    btc_address: required("character varying(62)"),
    display_name: optional("character varying(64)"),
    country_code: optional("character(2)"),
    created_at: optional(timestamp, "now()"),
    last_seen: optional(timestamp),
    is_verified: optional("boolean", "false")
  },
  constraints: { users_pkey: "PRIMARY KEY (id)", users_btc_address_key: "UNIQUE (btc_address)" },
  indexes: {},
  hypertableIndexes: {}
}

const workers: BaselineTable = {
  core: true,
  columns: {
    id: serial("workers"),
    user_id: optional("bigint"),
    worker_name: required("character varying(128)"),
    first_seen: optional(timestamp, "now()"),
    last_share: optional(timestamp),
    current_diff: optional("double precision"),
    hashrate_1m: optional("double precision"),
    hashrate_5m: optional("double precision"),
    hashrate_1h: optional("double precision"),
    hashrate_24h: optional("double precision"),
    is_online: optional("boolean", "false"),
    source: optional("character varying(16)", "'hosted'")
  },
  constraints: { workers_pkey: "PRIMARY KEY (id)", workers_user_id_fkey: "FOREIGN KEY (user_id) REFERENCES users(id)" },
  indexes: {
    idx_workers_user_id: "CREATE INDEX idx_workers_user_id ON workers USING btree (user_id)",
    idx_workers_online: "CREATE INDEX idx_workers_online ON workers USING btree (is_online) WHERE (is_online = true)"
  },
  hypertableIndexes: {}
}

const shares: BaselineTable = {
  core: true,
  columns: {
    time: required(timestamp),
    btc_address: required("character varying(62)"),
    worker_name: required("character varying(128)", "''"),
    difficulty: required("double precision"),
    share_diff: required("double precision"),
    is_valid: required("boolean", "true"),
    is_block: optional("boolean", "false"),
    ip_address: optional("inet"),
    nonce: optional("character varying(16)"),
    nonce2: optional("character varying(32)"),
    block_hash: optional("character varying(64)"),
    source: optional("character varying(16)", "'hosted'")
  },
  constraints: {},
  indexes: {
    idx_shares_address: `CREATE INDEX idx_shares_address ON shares USING btree (btc_address, "time" DESC)`,
    idx_shares_valid: `CREATE INDEX idx_shares_valid ON shares USING btree (is_valid, "time" DESC)`
  },
  hypertableIndexes: { shares_time_idx: `CREATE INDEX shares_time_idx ON shares USING btree ("time" DESC)` }
}

const blocks: BaselineTable = {
  core: true,
  columns: {
    id: serial("blocks"),
    block_height: required("integer"),
    block_hash: required("character varying(64)"),
    prev_hash: optional("character varying(64)"),
    user_id: optional("bigint"),
    worker_id: optional("bigint"),
    btc_address: optional("character varying(62)"),
    reward_btc: optional("numeric(16,8)"),
    fees_btc: optional("numeric(16,8)"),
    difficulty: optional("double precision"),
    confirmations: optional("integer", "0"),
    found_at: required(timestamp, "now()"),
    confirmed: optional("boolean", "false"),
    coinbase_sig: optional("character varying(128)"),
    source: optional("character varying(16)", "'hosted'")
  },
  constraints: {
    blocks_pkey: "PRIMARY KEY (id)",
    blocks_block_hash_key: "UNIQUE (block_hash)",
    blocks_user_id_fkey: "FOREIGN KEY (user_id) REFERENCES users(id)",
    blocks_worker_id_fkey: "FOREIGN KEY (worker_id) REFERENCES workers(id)"
  },
  indexes: {
    idx_blocks_height: "CREATE INDEX idx_blocks_height ON blocks USING btree (block_height DESC)",
    idx_blocks_user: "CREATE INDEX idx_blocks_user ON blocks USING btree (user_id)"
  },
  hypertableIndexes: {}
}

const weekly_best_diff: BaselineTable = {
  core: true,
  columns: {
    id: serial("weekly_best_diff"),
    user_id: optional("bigint"),
    btc_address: required("character varying(62)"),
    week_start: required("date"),
    best_difficulty: required("double precision"),
    best_share_time: optional(timestamp),
    total_shares: optional("bigint", "0")
  },
  constraints: {
    weekly_best_diff_pkey: "PRIMARY KEY (id)",
    weekly_best_diff_btc_address_week_start_key: "UNIQUE (btc_address, week_start)",
    weekly_best_diff_user_id_fkey: "FOREIGN KEY (user_id) REFERENCES users(id)"
  },
  indexes: {
    idx_weekly_best_user:
      "CREATE INDEX idx_weekly_best_user ON weekly_best_diff USING btree (btc_address, week_start DESC)"
  },
  hypertableIndexes: {}
}

const mining_events: BaselineTable = {
  core: true,
  columns: {
    ts: required(timestamp),
    event_type: required("text"),
    source: optional("character varying(16)", "'hosted'"),
    payload: required("jsonb")
  },
  constraints: {},
  indexes: {
    idx_events_type_ts: "CREATE INDEX idx_events_type_ts ON mining_events USING btree (event_type, ts DESC)",
    idx_events_user: "CREATE INDEX idx_events_user ON mining_events USING btree (((payload ->> 'user'::text)))"
  },
  hypertableIndexes: {
    mining_events_ts_idx: "CREATE INDEX mining_events_ts_idx ON mining_events USING btree (ts DESC)"
  }
}

/** The tables without which a database is not the one that this service stands on (contract section 7). */
export const coreTables = { users, workers, shares, blocks, weekly_best_diff, mining_events }
