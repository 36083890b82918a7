import { assert, describe, it } from "@effect/vitest"
import { oddsOf } from "../../../src/domain/mining/Odds.ts"

describe("oddsOf", () => {
  it("is 1 − exp(−H·t / (D·2³²))", () => {
    const { day, expected_seconds, hour, year } = oddsOf(2 ** 32, 86_400)
    assert.closeTo(hour, 1 - Math.exp(-3600 / 86_400), 1e-15)
    assert.closeTo(day, 1 - Math.exp(-1), 1e-15)
    assert.closeTo(year, 1, 1e-15)
    assert.strictEqual(expected_seconds, 86_400)
  })

  it("keeps all digits of tiny probabilities, and never exceeds 1", () => {
    const tiny = oddsOf(50_000, 1.5e14).hour
    assert.closeTo(tiny / ((50_000 * 3600) / (1.5e14 * 2 ** 32)), 1, 1e-12)
    assert.strictEqual(oddsOf(1e20, 1).hour, 1)
  })

  it("is 0 without hashrate, and then has no expected time", () => {
    assert.deepStrictEqual(oddsOf(0, 1.5e14), { hour: 0, day: 0, year: 0, expected_seconds: null })
  })
})
