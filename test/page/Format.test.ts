import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as Format from "../../src/page/Format.ts"

const minutes = (count: number) => DateTime.makeUnsafe("2026-12-01T00:00:00Z").epochMilliseconds + count * 60_000

/** A number and its unit are joined by a space that does not break. */
const plain = (text: string) => text.replaceAll("\u00A0", " ")

describe("the text of the page", () => {
  it.each([
    [0, "0 H/s"],
    [950, "950 H/s"],
    [50_000, "50.00 kH/s"],
    [382_568_628_001_170, "382.6 TH/s"],
    [999_960_000_000, "1.00 TH/s"],
    [9e20, "900.0 EH/s"]
  ])("has the hashrate %d as %s", (value, text) => assert.strictEqual(plain(Format.hashrate(value)), text))

  it.each([
    [null, "–"],
    [0.000_308_99, "0.000309"],
    [2.07, "2.07"],
    [20.4, "20"],
    [765_641_749, "765.6 M"],
    [148_258_434_855_481, "148.3 T"]
  ])("has the difficulty %s as %s", (value, text) => assert.strictEqual(plain(Format.difficulty(value)), text))

  it.each([
    [0.4, "0 seconds"],
    [60, "1 minute"],
    [44_600, "12 hours"],
    [1_300_000, "15 days"],
    [5.2e11, "16 thousand years"]
  ])("has a duration of %d seconds as %s", (value, text) => assert.strictEqual(Format.duration(value), text))

  it.each([
    [0, "never"],
    [6.9e-9, "1 in 140 million"],
    [0.0028, "1 in 360"],
    [0.5, "50.0 %"],
    [0.99999, "99.99 %"],
    [1, "100 %"]
  ])("has the probability %d as %s", (value, text) => assert.strictEqual(plain(Format.probability(value)), text))

  it.each([
    [0, "now"],
    [1, "1 min ago"],
    [59, "59 min ago"],
    [60, "1 hour ago"],
    [60 * 49, "2 days ago"]
  ])("has a time %d minutes ago as %s", (count, text) =>
    assert.strictEqual(Format.relativeTime("2026-12-01T00:00:00.000000Z", minutes(count)), text)
  )

  it.each([
    ["2026-11-30T00:00:00Z", 7 * 86_400],
    ["2026-12-06T23:59:30Z", 30]
  ])("has the end of the week of %s in %d seconds", (now, seconds) =>
    assert.strictEqual(Format.secondsToMonday(DateTime.toDateUtc(DateTime.makeUnsafe(now))), seconds)
  )

  it("has both ends of a long address", () => {
    assert.strictEqual(Format.shortAddress("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"), "bc1qar0…f5mdq")
  })
})
