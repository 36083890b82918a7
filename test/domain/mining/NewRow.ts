import { DateTime } from "effect"

const ts = DateTime.makeUnsafe("2026-01-05T00:00:00Z")

/** For each table what an insert needs at least, for a test to say what matters to it. */
export const newRow = {
  user: { btc_address: "bc1q", display_name: null, country_code: null, last_seen: null },
  worker: {
    user_id: null,
    worker_name: "rig",
    last_share: null,
    current_diff: null,
    hashrate_1m: null,
    hashrate_5m: null,
    hashrate_1h: null,
    hashrate_24h: null
  },
  share: {
    time: ts,
    btc_address: "bc1q",
    difficulty: 1,
    share_diff: 2,
    ip_address: null,
    nonce: null,
    nonce2: null,
    block_hash: null
  },
  block: {
    block_height: 840_000,
    block_hash: "hash",
    prev_hash: null,
    user_id: null,
    worker_id: null,
    btc_address: null,
    reward_btc: null,
    fees_btc: null,
    difficulty: null,
    coinbase_sig: null
  },
  weeklyBest: {
    user_id: null,
    btc_address: "bc1q",
    week_start: "2026-01-05",
    best_difficulty: 1,
    best_share_time: null
  },
  miningEvent: { ts, event_type: "share", payload: {} },
  rateLimitEvent: { ts, ip_address: "192.0.2.1", event_type: "blocked", details: null }
} as const
