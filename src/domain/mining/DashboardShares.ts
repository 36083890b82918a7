import { Schema } from "effect"
import { Timestamp } from "../Timestamp.ts"
import { Difficulty, WorkerName } from "./Miner.ts"

const time = Timestamp.annotate({ description: "Time of the share" })
const reached = Difficulty.annotate({ description: "Difficulty that the share reached" })

export const DashboardShare = Schema.Struct({
  time,
  worker_name: WorkerName,
  difficulty: Difficulty.annotate({ description: "Difficulty that was assigned to the worker" }),
  share_diff: reached,
  is_valid: Schema.Boolean.annotate({ description: "Whether the pool accepted it; only accepted shares are listed" }),
  is_block: Schema.NullOr(Schema.Boolean).annotate({
    description: "Whether it reached the network difficulty of its time; null if that is unknown"
  })
}).annotate({
  identifier: "DashboardShare",
  description: "A share of the player",
  examples: [
    {
      time: "2026-01-10T12:34:56.789012Z",
      worker_name: "rig1",
      difficulty: 6672,
      share_diff: 18_221.04,
      is_valid: true,
      is_block: false
    }
  ]
})
export type DashboardShare = typeof DashboardShare.Type

export const BestShare = Schema.Struct({ time, difficulty: reached, worker_name: WorkerName }).annotate({
  identifier: "BestShare",
  description: "A best share of the player",
  examples: [{ time: "2026-01-07T02:44:10.100000Z", difficulty: 694_365_556.35, worker_name: "rig1" }]
})
export type BestShare = typeof BestShare.Type

const best = (description: string) => Schema.NullOr(BestShare).annotate({ description })

export const DashboardBests = Schema.Struct({
  week: best("Best share since Monday 00:00 UTC; null without one"),
  month: best("Best share since the first of the month, 00:00 UTC; null without one"),
  alltime: best("Best share ever; null without one")
}).annotate({ identifier: "DashboardBests", description: "Best shares of the player by UTC calendar period" })
export type DashboardBests = typeof DashboardBests.Type
