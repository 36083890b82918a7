import { assert, describe, it } from "@effect/vitest"
import { accountResultOf, luckOf } from "../../../src/domain/weeks/Luck.ts"
import type { LuckRow } from "../../../src/domain/weeks/Luck.ts"
import { hardwareClasses, honestMiners, uniformDistance } from "../../support/weeks/HonestMiners.ts"

const row = (fields: Partial<LuckRow>): LuckRow => ({
  day: "2026-11-30",
  difficulty: 1000,
  shares: 100,
  best: 50_000,
  bestAt: 1,
  addressId: 1,
  ...fields
})

const miners = honestMiners({ miners: 10_000, seed: 20_261_201 })

describe("luckOf", () => {
  it("equals the product over single shares, and stays exact for a best share near the network difficulty", () => {
    const counts = [
      { difficulty: 1000, shares: 3 },
      { difficulty: 2000, shares: 2 }
    ]
    assert.closeTo(luckOf(8000, counts), (7 / 8) ** 3 * (3 / 4) ** 2, 1e-15)
    assert.closeTo((1 - luckOf(1e14, [{ difficulty: 1, shares: 1e9 }])) / 1e-5, 1, 1e-5)
  })

  it("is 0 for a miner whose best share only reached its assigned difficulty", () => {
    assert.strictEqual(luckOf(1000, [{ difficulty: 1000, shares: 5 }]), 0)
  })

  it("does not depend on the order of the counts", () => {
    const counts = Array.from({ length: 50 }, (_, index) => ({ difficulty: 1 + index / 7, shares: index }))
    assert.strictEqual(luckOf(99, counts), luckOf(99, counts.toReversed()))
  })

  it("is uniform for 10,000 honest miners from 50 kH/s to 200 TH/s (Kolmogorov–Smirnov at 1 %)", () => {
    const distance = uniformDistance(miners.map(({ luck }) => luck))
    // Critical value of the asymptotic distribution at 1 %.
    assert.isBelow(distance * Math.sqrt(miners.length), 1.628)
  })

  it("gives all hardware the same chance to be in the top 100 (chi-squared, p > 0.001)", () => {
    const top = miners.toSorted((a, b) => b.luck - a.luck).slice(0, 100)
    const statistic = Array.from({ length: hardwareClasses }, (_, hardware) => {
      const share = miners.filter(({ hardwareClass }) => hardwareClass === hardware).length / miners.length
      const found = top.filter(({ hardwareClass }) => hardwareClass === hardware).length
      return (found - 100 * share) ** 2 / (100 * share)
    }).reduce((sum, term) => sum + term, 0)
    assert.strictEqual(hardwareClasses, 8)
    // Quantile 0.999 of the chi-squared distribution with 7 degrees of freedom.
    assert.isBelow(statistic, 24.322)
  })
})

describe("accountResultOf", () => {
  it("is undefined without a share", () => {
    assert.isUndefined(accountResultOf([], false))
  })

  it("takes the earliest best share of all addresses, and computes the previous luck without the last day", () => {
    const rows = [
      row({ day: "2026-12-01", shares: 40, best: 90_000, bestAt: 7, addressId: 2 }),
      row({ day: "2026-12-01", shares: 1, difficulty: 500, best: 90_000, bestAt: 5, addressId: 3 }),
      row({ shares: 60 }),
      row({ shares: 40, addressId: 2, best: 40_000 })
    ]
    assert.deepStrictEqual(accountResultOf(rows, false), {
      luck: luckOf(90_000, [
        { difficulty: 500, shares: 1 },
        { difficulty: 1000, shares: 140 }
      ]),
      shares: 141,
      best: 90_000,
      bestAt: 5,
      addressId: 3,
      lastDay: "2026-12-01",
      luckBefore: luckOf(50_000, [{ difficulty: 1000, shares: 100 }])
    })
  })

  it("has no luck below 100 shares, or for a suspect account", () => {
    assert.isNull(accountResultOf([row({ shares: 99 })], false)?.luck)
    assert.isNumber(accountResultOf([row({})], false)?.luck)
    assert.deepInclude(accountResultOf([row({})], true), { luck: null, luckBefore: null, shares: 100 })
  })
})
