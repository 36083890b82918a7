import { Schema } from "effect"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { Difficulty, WorkerName } from "./Miner.ts"
import { hashesPerDifficulty, windowSeconds } from "./Rate.ts"
import { SeriesWindow } from "./Series.ts"

const Hashrate = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

const hashrates = {
  hashrate_1m: Hashrate.annotate({ description: "Hashes per second over the last minute" }),
  hashrate_5m: Hashrate.annotate({ description: "Hashes per second over the last 5 minutes" }),
  hashrate_1h: Hashrate.annotate({ description: "Hashes per second over the last hour" }),
  hashrate_24h: Hashrate.annotate({ description: "Hashes per second over the last 24 hours" })
}

/** Windows whose hashrates the dashboard shows. */
export const plainWindows = ["1m", "5m", "1h", "24h"] as const
export type PlainWindow = (typeof plainWindows)[number]

/** Hashrate of a sum of assigned difficulties. */
export const hashrateOf = (work: number, window: PlainWindow): number =>
  (work * hashesPerDifficulty) / windowSeconds[window]

/** Change in percent, or null if there was nothing before. */
export const changeOf = (now: number, before: number): number | null =>
  before === 0 ? null : ((now - before) / before) * 100

const unknown = (description: string) => Schema.Null.annotate({ description: `${description}; always null` })
const best = (description: string) => Schema.NullOr(Difficulty).annotate({ description })
const time = Schema.NullOr(Timestamp)
const lastShare = time.annotate({ description: "Time of the last share; null before the first" })
const workerCounts = {
  workers_online: Count.annotate({ description: "Workers that are online" }),
  workers_total: Count.annotate({ description: "Workers that ever sent a share or connected" })
}
const sharesToday = Count.annotate({ description: "Shares since 00:00 UTC" })
const change = (description: string) => Schema.NullOr(Schema.Finite).annotate({ description })

export const DashboardWorker = Schema.Struct({
  name: WorkerName,
  status: Schema.Literals(["online", "offline"]).annotate({
    description: "`online` if it sent a share or connected within 5 minutes or 6 times its mean share interval"
  }),
  ...hashrates,
  current_diff: best("Last assigned difficulty; null if unknown"),
  best_diff: best("Highest difficulty that a share reached; null before the first"),
  valid_shares: Count.annotate({ description: "All accepted shares" }),
  invalid_shares: unknown("The pool does not report rejected shares"),
  accept_rate: unknown("The pool does not report rejected shares"),
  last_share: lastShare,
  connected_at: time.annotate({ description: "Time of the last connect; null if unknown" }),
  ip_address: unknown("Addresses of miners are private"),
  user_agent: unknown("The pool does not report user agents"),
  shares_session: Schema.NullOr(Count).annotate({
    description:
      "Shares since `connected_at`; null if that is unknown. Counted from the start of the 5 minutes, of the hour after " +
      "7 days, and of the day after 34 days, if it connected more than 2 hours ago."
  })
}).annotate({
  identifier: "DashboardWorker",
  description: "A worker of the player",
  examples: [
    {
      name: "rig1",
      status: "online",
      hashrate_1m: 1.43e12,
      hashrate_5m: 1.15e12,
      hashrate_1h: 1.22e12,
      hashrate_24h: 1.21e12,
      current_diff: 6672,
      best_diff: 694_365_556.35,
      valid_shares: 27_120,
      invalid_shares: null,
      accept_rate: null,
      last_share: "2026-01-10T12:34:56.789012Z",
      connected_at: "2026-01-10T06:00:00.000000Z",
      ip_address: null,
      user_agent: null,
      shares_session: 988
    }
  ]
})
export type DashboardWorker = typeof DashboardWorker.Type

export const DashboardHashrate = Schema.Struct({
  ...hashrates,
  ...workerCounts,
  shares_today: sharesToday,
  best_diff_today: best("Best share since 00:00 UTC; null without one"),
  best_diff_alltime: best("Best share ever; null without one"),
  blocks_found: Count.annotate({ description: "Blocks found, without orphaned ones" }),
  last_share: lastShare
}).annotate({
  identifier: "DashboardHashrate",
  description: "Hashrate and totals of the player's miners",
  examples: [
    {
      hashrate_1m: 1.43e12,
      hashrate_5m: 1.15e12,
      hashrate_1h: 1.22e12,
      hashrate_24h: 1.21e12,
      workers_online: 2,
      workers_total: 3,
      shares_today: 1907,
      best_diff_today: 1_048_576.5,
      best_diff_alltime: 694_365_556.35,
      blocks_found: 0,
      last_share: "2026-01-10T12:34:56.789012Z"
    }
  ]
})
export type DashboardHashrate = typeof DashboardHashrate.Type

export const DashboardChart = Schema.Struct({
  window: SeriesWindow.annotate({ description: "The requested window" }),
  points: Schema.Array(
    Schema.Struct({
      time: Timestamp.annotate({ description: "Start of the step" }),
      hashrate: Hashrate.annotate({ description: "Hashes per second over the step" })
    })
  ).annotate({ description: "Steps, oldest first, without gaps" }),
  current: hashrates.hashrate_5m,
  average: Hashrate.annotate({ description: "Hashes per second over the window" }),
  peak: Hashrate.annotate({ description: "Hashes per second of the highest step" })
}).annotate({
  identifier: "DashboardHashrateChart",
  description: "Hashrate of the player's miners over time",
  examples: [
    {
      window: "1h",
      points: [{ time: "2026-01-10T12:34:00.000000Z", hashrate: 1.43e12 }],
      current: 1.15e12,
      average: 1.22e12,
      peak: 2.4e12
    }
  ]
})

export const DashboardStats = Schema.Struct({
  hashrate: hashrates.hashrate_1h,
  hashrate_change: change("Percent against the hour before; null if that had no share"),
  shares_today: sharesToday,
  shares_change: change("Percent against yesterday up to the same time, to 5 minutes; null if that had no share"),
  ...workerCounts,
  best_diff_week: best("Best share since Monday 00:00 UTC; null without one"),
  network_diff: best("Network difficulty; null if unknown"),
  best_diff_ratio: Schema.NullOr(Hashrate).annotate({
    description: "`best_diff_week` / `network_diff`; null if one of them is"
  }),
  network_height: Schema.NullOr(Count).annotate({ description: "Height of the newest block; null if unknown" })
}).annotate({
  identifier: "DashboardStats",
  description: "Key figures of the player's miners",
  examples: [
    {
      hashrate: 1.22e12,
      hashrate_change: -3.1,
      shares_today: 1907,
      shares_change: 12.5,
      workers_online: 2,
      workers_total: 3,
      best_diff_week: 694_365_556.35,
      network_diff: 148_258_434_855_481,
      best_diff_ratio: 4.68e-6,
      network_height: 931_861
    }
  ]
})
export type DashboardStats = typeof DashboardStats.Type
