import { Schema } from "effect"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { freshness } from "./Miner.ts"
import { Rate } from "./Rate.ts"

/** Windows of hashrate charts and their steps, in seconds. */
export const seriesSteps = {
  "1h": { seconds: 3600, step: 60 },
  "24h": { seconds: 86_400, step: 300 },
  "7d": { seconds: 604_800, step: 3600 },
  "30d": { seconds: 2_592_000, step: 21_600 }
} as const

export const SeriesWindow = Schema.Literals(["1h", "24h", "7d", "30d"])
export type SeriesWindow = typeof SeriesWindow.Type

export const Point = Schema.Struct({
  at: Timestamp.annotate({ description: "Start of the step" }),
  value: Rate.fields.value,
  low: Rate.fields.low,
  high: Rate.fields.high,
  shares: Count.annotate({ description: "Shares in the step; 0 if it is empty" })
}).annotate({ identifier: "HashratePoint", description: "Hashrate over one step, with its 95 % interval" })
export type Point = typeof Point.Type

export const Series = Schema.Struct({
  window: SeriesWindow.annotate({ description: "The requested window" }),
  step_seconds: Count.annotate({ description: "Length of a step" }),
  points: Schema.Array(Point).annotate({ description: "Steps, oldest first, without gaps" }),
  average: Schema.Finite.annotate({ description: "Hashes per second over the window" }),
  peak: Schema.Finite.annotate({ description: "Hashes per second of the highest step" }),
  ...freshness
}).annotate({
  identifier: "HashrateSeries",
  description: "Hashrate over time",
  examples: [
    {
      window: "1h",
      step_seconds: 60,
      points: [{ at: "2026-01-10T12:34:00.000000Z", value: 1.43e12, low: 2.96e11, high: 4.18e12, shares: 3 }],
      average: 1.22e12,
      peak: 2.4e12,
      as_of: "2026-01-10T12:34:57.000000Z",
      lag_ms: 0
    }
  ]
})
export type Series = typeof Series.Type
