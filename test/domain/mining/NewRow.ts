import { DateTime } from "effect"
import type { baselineTables } from "../../../src/domain/mining/Tables.ts"

type Tables = typeof baselineTables

const ts = DateTime.makeUnsafe("2026-01-05T00:00:00Z")

/** A valid row of each table; tests override the fields that they check. */
export const newRow: { readonly [Name in keyof Tables]: Tables[Name]["row"]["Type"] } = {
  users: {
    id: 1n,
    btc_address: "bc1q",
    display_name: null,
    country_code: null,
    created_at: null,
    last_seen: null,
    is_verified: null
  },
  workers: {
    id: 1n,
    user_id: null,
    worker_name: "rig",
    first_seen: null,
    last_share: null,
    current_diff: null,
    hashrate_1m: null,
    hashrate_5m: null,
    hashrate_1h: null,
    hashrate_24h: null,
    is_online: null,
    source: null
  },
  shares: {
    time: ts,
    btc_address: "bc1q",
    worker_name: "",
    difficulty: 1,
    share_diff: 2,
    is_valid: true,
    is_block: null,
    ip_address: null,
    nonce: null,
    nonce2: null,
    block_hash: null,
    source: null
  },
  blocks: {
    id: 1n,
    block_height: 840_000,
    block_hash: "hash",
    prev_hash: null,
    user_id: null,
    worker_id: null,
    btc_address: null,
    reward_btc: null,
    fees_btc: null,
    difficulty: null,
    confirmations: null,
    found_at: ts,
    confirmed: null,
    coinbase_sig: null,
    source: null
  },
  weekly_best_diff: {
    id: 1n,
    user_id: null,
    btc_address: "bc1q",
    week_start: "2026-01-05",
    best_difficulty: 1,
    best_share_time: null,
    total_shares: null
  },
  mining_events: { ts, event_type: "share", source: null, payload: {} },
  schema_migrations: { version: 1, name: "initial_schema", applied_at: null, checksum: null },
  rate_limit_events: { ts, ip_address: "192.0.2.1", event_type: "blocked", details: null, region: null }
}
