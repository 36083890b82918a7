import { assert, describe, it } from "@effect/vitest"
import { integrityOf } from "../../../src/domain/mining/Integrity.ts"
import { drawPoisson, generatorOf } from "../../support/mining/SimulatedMiner.ts"

const seed = 4711

/** Histogram of the first `shares` values of diff/sdiff that a miner submits. */
const histogramOf = (shares: number, random: () => number, isSent: (ratio: number) => boolean = () => true) => {
  const bins = Array.from({ length: 64 }, () => 0)
  for (let sent = 0; sent < shares;) {
    const ratio = random()
    if (!isSent(ratio)) continue
    const bin = Math.floor(ratio * 64)
    bins[bin] = (bins[bin] ?? 0) + 1
    sent += 1
  }
  return bins
}

/**
 * Whether an honest miner is suspect after any day of a week. It sends 3 to 1,000 shares a day. Of 1 % of them the
 * assigned difficulty was doubled after the work began, so some of these reach less than it and are left out.
 */
const isEverSuspect = (random: () => number): boolean => {
  const perDay = 3 * (1000 / 3) ** random()
  const bins = Array.from({ length: 64 }, () => 0)
  return Array.from({ length: 7 }, () => {
    for (let left = drawPoisson(random, perDay); left > 0; left--) {
      const ratio = random() * (random() < 0.01 ? 2 : 1)
      const bin = Math.floor(ratio * 64)
      if (bin < 64) bins[bin] = (bins[bin] ?? 0) + 1
    }
    return integrityOf(bins).status
  }).includes("suspect")
}

describe("integrityOf", () => {
  it("ever suspects fewer than 0.1 % of honest miners in a week that is checked after each day", () => {
    const random = generatorOf(seed)
    const suspects = Array.from({ length: 10_000 }, () => isEverSuspect(random)).filter(Boolean).length
    assert.isBelow(suspects, 10, `seed ${seed}`)
  })

  it("suspects a miner that discards 90 % of its shares with diff/sdiff above 0.5, within 300 shares", () => {
    const random = generatorOf(seed)
    const statuses = Array.from(
      { length: 200 },
      () => integrityOf(histogramOf(300, random, (ratio) => ratio <= 0.5 || random() < 0.1)).status
    )
    assert.deepStrictEqual([...new Set(statuses)], ["suspect"], `seed ${seed}`)
  })

  it("suspects no honest miner, from 100 to 20,000 shares", () => {
    const random = generatorOf(seed)
    const statuses = [100, 300, 1000, 20_000].flatMap((shares) =>
      Array.from({ length: 150 }, () => integrityOf(histogramOf(shares, random)).status)
    )
    assert.deepStrictEqual([...new Set(statuses)], ["ok"], `seed ${seed}`)
  })

  it("gives about 5 % of honest miners a p-value below 5 %", () => {
    const random = generatorOf(seed)
    const low = Array.from({ length: 2000 }, () => integrityOf(histogramOf(500, random)).p_value ?? 0).filter(
      (p) => p < 0.05
    )
    assert.isAtLeast(low.length / 2000, 0.02)
    assert.isAtMost(low.length / 2000, 0.06)
  })

  it("equals the Kolmogorov distribution for a known deviation", () => {
    // Half of the shares are in the first quarter: D = 0.25. scipy.stats.kstwobign.sf((√n + 0.12 + 0.11/√n) · D).
    const bins = Array.from({ length: 64 }, (_, bin) => (bin < 16 ? 3 : 1))
    assert.strictEqual(integrityOf(bins).shares, 96)
    const { p_value, status } = integrityOf(bins.map((count) => count * 2))
    assert.closeTo(p_value ?? 0, 4.837243216505666e-11, 1e-19)
    assert.strictEqual(status, "suspect")
  })

  it("is unknown below 100 shares for any distribution", () => {
    const all = Array.from({ length: 64 }, (_, bin) => (bin === 0 ? 99 : 0))
    assert.deepStrictEqual(integrityOf(all), { shares: 99, p_value: null, status: "unknown" })
    assert.strictEqual(integrityOf(all.map((count) => count + (count > 0 ? 1 : 0))).status, "suspect")
  })
})
