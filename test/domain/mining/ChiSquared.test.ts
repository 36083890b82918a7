import { assert, describe, it } from "@effect/vitest"
import { chiSquared } from "../../../src/domain/mining/ChiSquared.ts"

/**
 * NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.4, to three decimals; the others are computed with
 * scipy.stats.chi2.ppf 1.17.1.
 */
const published = [
  [1, 0.001, 5.024],
  [2, 0.051, 7.378],
  [10, 3.247, 20.483],
  [30, 16.791, 46.979],
  [100, 74.222, 129.561]
] as const

const computed = [
  [0.05, 9.479198738737956e-65, 0.5309089728735449],
  [0.5, 5.273202591259991e-7, 3.433235299960771],
  [1, 0.0009820691171752555, 5.023886187314888],
  [3, 0.21579528262389785, 9.348403604496148],
  [20.5, 9.935891550759369, 34.82520495425554],
  [399.9, 346.3886981755696, 457.1985488116057],
  [400, 346.48176536291464, 457.305481966065],
  [1000, 914.257153799259, 1089.5309127749135],
  [10000, 9724.718377389798, 10279.07017988759],
  [1000000, 997230.0871432901, 1002773.701467926]
] as const

/** Probability of fewer than `count` events of a Poisson distribution. */
const poissonBelow = (count: number, mean: number): number => {
  let term = Math.exp(-mean)
  let sum = 0
  for (let k = 0; k < count; k++) {
    sum += term
    term *= mean / (k + 1)
  }
  return sum
}

describe("chiSquared", () => {
  it("equals the published quantiles to their three decimals", () => {
    for (const [degrees, lower, upper] of published) {
      assert.closeTo(chiSquared("lower", degrees), lower, 0.000_51)
      assert.closeTo(chiSquared("upper", degrees), upper, 0.000_51)
    }
  })

  it("has a relative error below 1e-9 from 0.05 to a million degrees of freedom", () => {
    for (const [degrees, lower, upper] of computed) {
      assert.closeTo(chiSquared("lower", degrees) / lower, 1, 1e-9, `lower, ${degrees}`)
      assert.closeTo(chiSquared("upper", degrees) / upper, 1, 1e-9, `upper, ${degrees}`)
    }
  })

  it("is 0 or tiny where the quantile is below the smallest number", () => {
    assert.strictEqual(chiSquared("lower", 0.001), 0)
    assert.closeTo(chiSquared("upper", 0.001) / 1.1475149903197846e-22, 1, 1e-9)
  })

  it("gives the exact bounds of a Poisson mean", () => {
    for (const count of [1, 2, 7, 40, 150]) {
      assert.closeTo(1 - poissonBelow(count, chiSquared("lower", 2 * count) / 2), 0.025, 1e-12)
      assert.closeTo(poissonBelow(count + 1, chiSquared("upper", 2 * count + 2) / 2), 0.025, 1e-12)
    }
  })

  it("grows with the degrees of freedom across the change of method", () => {
    for (const quantile of ["lower", "upper"] as const) {
      const values = [399.9, 399.999, 400, 400.001, 400.1].map((degrees) => chiSquared(quantile, degrees))
      assert.deepStrictEqual(
        values,
        values.toSorted((a, b) => a - b)
      )
    }
  })
})
