import { Schema } from "effect"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { Best, Difficulty, exampleHashrates, freshness, ShareCounts, WorkerCounts } from "./Miner.ts"
import { Hashrates } from "./Rate.ts"

const height = Count.annotate({ description: "Block height" })
const difficulty = Schema.NullOr(Difficulty).annotate({ description: "Network difficulty; null if unknown" })
const at = Timestamp.annotate({ description: "Time of the newest block that the pool knows" })

/** State of the Bitcoin network, from the newest block. */
export const Network = Schema.Struct({
  height,
  hash: Schema.NullOr(Schema.String).annotate({ description: "Block hash; null if unknown" }),
  difficulty,
  at
}).annotate({
  identifier: "Network",
  description: "The newest block of the network",
  examples: [
    {
      height: 931_861,
      hash: "00000000000000000001f2b4d1e8e0a6c5b3a29187f6d5c4b3a2918070605040",
      difficulty: 148_258_434_855_481,
      at: "2026-01-10T12:31:02.000000Z"
    }
  ]
})
export type Network = typeof Network.Type

export const Pool = Schema.Struct({
  hashrate: Hashrates,
  miners: Schema.Struct({
    active: Count.annotate({ description: "Miners that sent a share in the last 24 hours" }),
    total: Count.annotate({ description: "Miners that ever sent a share" })
  }).annotate({ description: "Numbers of miners" }),
  workers: WorkerCounts,
  shares: ShareCounts,
  best: Schema.Struct({
    day: Best.annotate({ description: "Best share since 00:00 UTC" }),
    week: Best.annotate({ description: "Best share since Monday 00:00 UTC" }),
    all_time: Best.annotate({ description: "Best share ever" })
  }).annotate({ description: "Best shares by UTC calendar period" }),
  blocks_found: Count.annotate({ description: "Blocks found by the pool, without orphaned ones" }),
  network: Schema.NullOr(Schema.Struct({ height, difficulty, at })).annotate({
    description: "The newest block of the network; null if unknown"
  }),
  expected_block_seconds: Schema.NullOr(Schema.Finite).annotate({
    description: "Mean time between blocks at the hashrate of the last 24 hours; null if unknown"
  }),
  ...freshness
}).annotate({
  identifier: "Pool",
  description: "The pool",
  examples: [
    {
      hashrate: exampleHashrates,
      miners: { active: 41, total: 87 },
      workers: { online: 63, total: 120 },
      shares: { "24h": 3648, total: 27_120 },
      best: {
        day: { difficulty: 1_048_576.5, at: "2026-01-10T09:12:01.250000Z", worker: "rig1" },
        week: { difficulty: 694_365_556.35, at: "2026-01-07T02:44:10.100000Z", worker: "rig2" },
        all_time: { difficulty: 694_365_556.35, at: "2026-01-07T02:44:10.100000Z", worker: "rig2" }
      },
      blocks_found: 1,
      network: { height: 931_861, difficulty: 148_258_434_855_481, at: "2026-01-10T12:31:02.000000Z" },
      expected_block_seconds: 5.2e11,
      as_of: "2026-01-10T12:34:57.000000Z",
      lag_ms: 0
    }
  ]
})
export type Pool = typeof Pool.Type
