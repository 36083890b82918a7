import { assert, describe, it } from "@effect/vitest"
import { rateOf } from "../../../src/domain/mining/Rate.ts"
import { coverage, drawPoisson, generatorOf } from "../../support/mining/SimulatedMiner.ts"

const workOf = (difficulties: ReadonlyArray<number>, assigned: number | null = null) => ({
  shares: difficulties.length,
  sum: difficulties.reduce((sum, d) => sum + d, 0),
  squares: difficulties.reduce((sum, d) => sum + d * d, 0),
  largest: difficulties.reduce<number | null>((most, d) => Math.max(most ?? 0, d), assigned)
})
const unit = 2 ** 32

describe("rateOf", () => {
  it("divides the assigned difficulty by the full window", () => {
    assert.strictEqual(rateOf(workOf([1024, 1024, 2048]), 3600).value, (4096 * unit) / 3600)
  })

  it("has the exact Poisson interval for equal difficulties", () => {
    const { high, low, shares } = rateOf(workOf(Array.from({ length: 10 }, () => 1)), unit)
    assert.strictEqual(shares, 10)
    // Garwood (1936) for 10 events: 4.795 to 18.390.
    assert.closeTo(low, 4.795, 0.0005)
    assert.closeTo(high ?? 0, 18.39, 0.0005)
  })

  it("has an upper bound of 3.69 times the assigned difficulty without a share, and none if it is unknown", () => {
    const { high, low, value } = rateOf(workOf([], 500), unit)
    assert.deepStrictEqual([value, low], [0, 0])
    assert.closeTo(high ?? 0, 3.688_88 * 500, 0.01)
    assert.deepStrictEqual(rateOf(workOf([]), 60), { value: 0, low: 0, high: null, shares: 0 })
  })

  it("has a wider interval for mixed difficulties than for the same number of equal ones", () => {
    const mixed = rateOf(workOf([1000, 1, 1, 1, 1]), unit)
    const equal = rateOf(workOf([200.8, 200.8, 200.8, 200.8, 200.8]), unit)
    assert.closeTo(mixed.value, equal.value, 1e-9)
    assert.isBelow(mixed.low, equal.low)
    assert.isAbove(mixed.high ?? 0, equal.high ?? 0)
  })

  it("covers the true hashrate of 94 to 99 % of simulated miners with at least 5 expected shares", () => {
    const { atLeastFive, below } = coverage({ miners: 3000, seed: 20_261_201 })
    assert.isAtLeast(atLeastFive.miners, 1000)
    assert.isAtLeast(below.miners, 500)
    assert.isAtLeast(atLeastFive.covered, 0.94)
    assert.isAtMost(atLeastFive.covered, 0.99)
    assert.isAtLeast(below.covered, 0.94)
  })
})

describe("drawPoisson", () => {
  it("has the mean and the variance of the distribution", () => {
    const random = generatorOf(7)
    for (const mean of [0.5, 12, 4000]) {
      const draws = Array.from({ length: 20_000 }, () => drawPoisson(random, mean))
      const average = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
      const variance = draws.reduce((sum, draw) => sum + (draw - average) ** 2, 0) / draws.length
      assert.closeTo(average / mean, 1, 0.03)
      assert.closeTo(variance / mean, 1, 0.05)
    }
  })
})
