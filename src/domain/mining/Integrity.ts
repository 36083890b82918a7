import { Schema } from "effect"
import { Count } from "../Text.ts"

export const Integrity = Schema.Struct({
  shares: Count.annotate({ description: "Tested shares of the last 7 days" }),
  p_value: Schema.NullOr(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))).annotate({
    description: "Probability that an honest miner deviates at least this much; null below 100 shares"
  }),
  status: Schema.Literals(["ok", "suspect", "unknown"]).annotate({
    description: "`unknown` below 100 shares; `suspect` if shares are missing or invented"
  })
}).annotate({
  identifier: "Integrity",
  description: "Whether the difficulties that the shares reached are distributed like those of an honest miner",
  examples: [{ shares: 1893, p_value: 0.42, status: "ok" }]
})
export type Integrity = typeof Integrity.Type

/** Fewest shares that are tested. */
const fewest = 100

/** Upper tail of the Kolmogorov distribution. */
const kolmogorovTail = (x: number): number => {
  // Below this the tail is 1 to 12 digits, and the series converges slowly.
  if (x < 0.2) return 1
  let sum = 0
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * (k * x) ** 2)
    sum += k % 2 === 1 ? term : -term
    if (term < 1e-18) break
  }
  return Math.min(1, Math.max(0, 2 * sum))
}

/**
 * Kolmogorov–Smirnov test of assigned difficulty / reached difficulty, which is uniform on (0, 1) for an honest miner.
 *
 * The p-value uses Stephens' correction for finite samples (Journal of the Royal Statistical Society B 32, 1970). The
 * bins of the histogram make it conservative, because the largest deviation may lie within a bin.
 *
 * @param histogram counts in bins of equal width over (0, 1)
 */
export const integrityOf = (histogram: ReadonlyArray<number>): Integrity => {
  const shares = histogram.reduce((sum, count) => sum + count, 0)
  if (shares < fewest) return { shares, p_value: null, status: "unknown" }
  let below = 0
  let deviation = 0
  for (const [bin, count] of histogram.entries()) {
    below += count
    deviation = Math.max(deviation, Math.abs(below / shares - (bin + 1) / histogram.length))
  }
  const root = Math.sqrt(shares)
  const p_value = kolmogorovTail((root + 0.12 + 0.11 / root) * deviation)
  return { shares, p_value, status: p_value < 0.0001 && deviation > 0.1 ? "suspect" : "ok" }
}
