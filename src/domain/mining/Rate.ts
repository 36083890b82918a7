import { Schema } from "effect"
import { Count } from "../Text.ts"
import { chiSquared } from "./ChiSquared.ts"

/** Expected number of hashes for a share of difficulty 1. */
export const hashesPerDifficulty = 2 ** 32

const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** Average over a full window, including the time before the first share. */
export const Rate = Schema.Struct({
  value: NonNegative.annotate({ description: "Estimated hashes per second" }),
  low: NonNegative.annotate({ description: "Lower end of the 95 % interval" }),
  high: Schema.NullOr(NonNegative).annotate({
    description: "Upper end of the 95 % interval; null if no difficulty is known"
  }),
  shares: Count.annotate({ description: "Shares in the window" })
}).annotate({
  identifier: "Rate",
  description: "Hashrate over a window, in hashes per second, with its 95 % interval",
  examples: [{ value: 1.21e12, low: 1.16e12, high: 1.26e12, shares: 2112 }]
})
export type Rate = typeof Rate.Type

/** Sliding windows of hashrates, in seconds. */
export const windowSeconds = { "1m": 60, "5m": 300, "1h": 3600, "24h": 86_400, "7d": 604_800 } as const
export type Window = keyof typeof windowSeconds

export const Hashrates = Schema.Struct({ "1m": Rate, "5m": Rate, "1h": Rate, "24h": Rate, "7d": Rate }).annotate({
  identifier: "Hashrates",
  description: "Hashrates over the last minute, 5 minutes, hour, 24 hours and 7 days"
})
export type Hashrates = typeof Hashrates.Type

/** Sums over the shares of a window, by assigned difficulty. */
export interface Work {
  readonly shares: number
  /** Sum of the assigned difficulties. */
  readonly sum: number
  /** Sum of their squares. */
  readonly squares: number
  /** Largest difficulty that was assigned in the window, even if it has no share; null if none is known. */
  readonly largest: number | null
}

/** Quantile of chi-squared for a sum of weights with a sum of squares, in units of the weights. */
const bound = (quantile: "lower" | "upper", sum: number, squares: number): number =>
  (squares / (2 * sum)) * chiSquared(quantile, (2 * sum * sum) / squares)

/**
 * Hashrate of the work in a window, with the 95 % interval of Fay and Feuer for a weighted sum of Poisson counts
 * (Statistics in Medicine 16, 1997). For equal difficulties it is the exact Poisson interval.
 */
export const rateOf = ({ largest, shares, squares, sum }: Work, seconds: number): Rate => {
  const perSecond = hashesPerDifficulty / seconds
  return {
    value: sum * perSecond,
    low: sum === 0 ? 0 : bound("lower", sum, squares) * perSecond,
    high: largest === null ? null : bound("upper", sum + largest, squares + largest * largest) * perSecond,
    shares
  }
}
