import type { TableName } from "../Schema.ts"

/** The tables as their owner's init script makes them. Constraints get the names that Postgres derives. */
export const tableStatements: Readonly<Record<TableName, string>> = {
  users: `CREATE TABLE users (
    id BIGSERIAL PRIMARY KEY,
    btc_address VARCHAR(62) NOT NULL UNIQUE,
    display_name VARCHAR(64),
    country_code CHAR(2),
    created_at TIMESTAMPTZ DEFAULT now(),
    last_seen TIMESTAMPTZ,
    is_verified BOOLEAN DEFAULT false
  )`,

  workers: `CREATE TABLE workers (
    id BIGSERIAL PRIMARY KEY,
    user_id BIGINT REFERENCES users (id),
    worker_name VARCHAR(128) NOT NULL,
    first_seen TIMESTAMPTZ DEFAULT now(),
    last_share TIMESTAMPTZ,
    current_diff DOUBLE PRECISION,
    hashrate_1m DOUBLE PRECISION,
    hashrate_5m DOUBLE PRECISION,
    hashrate_1h DOUBLE PRECISION,
    hashrate_24h DOUBLE PRECISION,
    is_online BOOLEAN DEFAULT false,
    source VARCHAR(16) DEFAULT 'hosted'
  )`,

  shares: `CREATE TABLE shares (
    time TIMESTAMPTZ NOT NULL,
    btc_address VARCHAR(62) NOT NULL,
    worker_name VARCHAR(128) NOT NULL DEFAULT '',
    difficulty DOUBLE PRECISION NOT NULL,
    share_diff DOUBLE PRECISION NOT NULL,
    is_valid BOOLEAN NOT NULL DEFAULT true,
    is_block BOOLEAN DEFAULT false,
    ip_address INET,
    nonce VARCHAR(16),
    nonce2 VARCHAR(32),
    block_hash VARCHAR(64),
    source VARCHAR(16) DEFAULT 'hosted'
  )`,

  blocks: `CREATE TABLE blocks (
    id BIGSERIAL PRIMARY KEY,
    block_height INTEGER NOT NULL,
    block_hash VARCHAR(64) NOT NULL UNIQUE,
    prev_hash VARCHAR(64),
    user_id BIGINT REFERENCES users (id),
    worker_id BIGINT REFERENCES workers (id),
    btc_address VARCHAR(62),
    reward_btc NUMERIC(16, 8),
    fees_btc NUMERIC(16, 8),
    difficulty DOUBLE PRECISION,
    confirmations INTEGER DEFAULT 0,
    found_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    confirmed BOOLEAN DEFAULT false,
    coinbase_sig VARCHAR(128),
    source VARCHAR(16) DEFAULT 'hosted'
  )`,

  weekly_best_diff: `CREATE TABLE weekly_best_diff (
    id BIGSERIAL PRIMARY KEY,
    user_id BIGINT REFERENCES users (id),
    btc_address VARCHAR(62) NOT NULL,
    week_start DATE NOT NULL,
    best_difficulty DOUBLE PRECISION NOT NULL,
    best_share_time TIMESTAMPTZ,
    total_shares BIGINT DEFAULT 0,
    UNIQUE (btc_address, week_start)
  )`,

  mining_events: `CREATE TABLE mining_events (
    ts TIMESTAMPTZ NOT NULL,
    event_type TEXT NOT NULL,
    source VARCHAR(16) DEFAULT 'hosted',
    payload JSONB NOT NULL
  )`,

  schema_migrations: `CREATE TABLE schema_migrations (
    version INTEGER PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    applied_at TIMESTAMPTZ DEFAULT now(),
    checksum VARCHAR(64)
  )`,

  rate_limit_events: `CREATE TABLE rate_limit_events (
    ts TIMESTAMPTZ NOT NULL,
    ip_address INET NOT NULL,
    event_type VARCHAR(32) NOT NULL,
    details JSONB,
    region VARCHAR(8) DEFAULT 'eu'
  )`
}
