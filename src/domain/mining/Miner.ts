import { Schema } from "effect"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { Integrity } from "./Integrity.ts"
import { Odds } from "./Odds.ts"
import { Hashrates } from "./Rate.ts"

/** Age of computed data. */
export const freshness = {
  as_of: Schema.NullOr(Timestamp).annotate({
    description: "Time up to which events are included: now minus `lag_ms`; null if no event was ever processed"
  }),
  lag_ms: Schema.NullOr(Count).annotate({
    description: "Age of the oldest unprocessed event in milliseconds; 0 if there is none, null if that is unknown"
  })
}

export const Difficulty = Schema.Finite.check(Schema.isGreaterThan(0))

/** Worker names as they are stored; an empty name is `default`. */
export const WorkerName = Schema.String.annotate({ description: "Name of the worker; `default` if it sends none" })

export const Best = Schema.NullOr(
  Schema.Struct({
    difficulty: Difficulty.annotate({ description: "Difficulty that the share reached" }),
    at: Timestamp.annotate({ description: "Time of the share" }),
    worker: Schema.NullOr(Schema.String).annotate({ description: "Name of the worker; null if its miner is hidden" })
  }).annotate({
    identifier: "Best",
    description: "A best share",
    examples: [{ difficulty: 694_365_556.35, at: "2026-01-10T12:34:56.789012Z", worker: "rig1" }]
  })
)
export type Best = typeof Best.Type

/** The address has not sent a share, or its miner is hidden from the caller. */
export class MinerNotFound extends Schema.TaggedError<MinerNotFound>()("MinerNotFound", { address: Schema.String }) {}

export const WorkerCounts = Schema.Struct({
  online: Count.annotate({ description: "Workers that are online" }),
  total: Count.annotate({ description: "Workers that ever sent a share" })
}).annotate({ identifier: "WorkerCounts", description: "Numbers of workers" })

export const ShareCounts = Schema.Struct({
  "24h": Count.annotate({ description: "Shares in the last 24 hours" }),
  total: Count.annotate({ description: "All shares" })
}).annotate({ identifier: "ShareCounts", description: "Numbers of accepted shares" })

const rate = (value: number, low: number, high: number, shares: number) => ({ value, low, high, shares })

export const exampleHashrates: Hashrates = {
  "1m": rate(1.43e12, 2.96e11, 4.18e12, 3),
  "5m": rate(1.15e12, 5.72e11, 2.05e12, 12),
  "1h": rate(1.22e12, 1.03e12, 1.43e12, 153),
  "24h": rate(1.21e12, 1.17e12, 1.25e12, 3648),
  "7d": rate(1.2e12, 1.18e12, 1.21e12, 25_340)
}

export const Miner = Schema.Struct({
  address: Schema.String.annotate({ description: "Bitcoin address in its canonical form" }),
  first_seen: Timestamp.annotate({ description: "Time of the first share" }),
  last_share_at: Timestamp.annotate({ description: "Time of the last share" }),
  hashrate: Hashrates,
  workers: WorkerCounts,
  shares: ShareCounts,
  best: Schema.Struct({
    day: Best.annotate({ description: "Best share since 00:00 UTC" }),
    week: Best.annotate({ description: "Best share since Monday 00:00 UTC" }),
    month: Best.annotate({ description: "Best share since the first of the month, 00:00 UTC" }),
    all_time: Best.annotate({ description: "Best share ever" })
  }).annotate({ description: "Best shares by UTC calendar period" }),
  odds: Schema.NullOr(Odds).annotate({ description: "Null if the network difficulty is unknown" }),
  integrity: Integrity
}).annotate({
  identifier: "Miner",
  description: "A miner",
  examples: [
    {
      address: "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
      first_seen: "2026-01-03T18:15:05.000000Z",
      last_share_at: "2026-01-10T12:34:56.789012Z",
      hashrate: exampleHashrates,
      workers: { online: 2, total: 3 },
      shares: { "24h": 3648, total: 27_120 },
      best: {
        day: { difficulty: 1_048_576.5, at: "2026-01-10T09:12:01.250000Z", worker: "rig1" },
        week: { difficulty: 694_365_556.35, at: "2026-01-07T02:44:10.100000Z", worker: "rig2" },
        month: { difficulty: 694_365_556.35, at: "2026-01-07T02:44:10.100000Z", worker: "rig2" },
        all_time: { difficulty: 694_365_556.35, at: "2026-01-07T02:44:10.100000Z", worker: "rig2" }
      },
      odds: { hour: 6.9e-9, day: 1.7e-7, year: 6.1e-5, expected_seconds: 5.2e11 },
      integrity: { shares: 25_338, p_value: 0.42, status: "ok" }
    }
  ]
})
export type Miner = typeof Miner.Type
