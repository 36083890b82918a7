import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { endOf, idOf, isDue, mondayOf, startOf, weekOf, weeksAfter } from "../../../src/domain/weeks/Week.ts"

const day = 86_400_000

/** Whether a year has 53 weeks: one that begins on a Thursday, or a leap year that begins on a Wednesday. */
const hasWeek53 = (year: number): boolean => {
  const newYear = startOf(`${year}-01-01`)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const weekday = (newYear / day + 3) % 7
  return weekday === 3 || (isLeap && weekday === 2)
}

describe("idOf", () => {
  it("names weeks by ISO 8601, also if the year of the week differs from that of the day", () => {
    const names = [
      "1970-01-01",
      "2020-12-31",
      "2021-01-03",
      "2021-01-04",
      "2024-12-30",
      "2026-12-01",
      "2027-01-01"
    ].map((date) => idOf(weekOf(startOf(date))))
    assert.deepStrictEqual(names, ["1970-W01", "2020-W53", "2020-W53", "2021-W01", "2025-W01", "2026-W49", "2026-W53"])
  })

  it("names each week from 1970 to 2399 so that mondayOf finds it, and gives years 53 weeks by ISO 8601", () => {
    let monday = "1969-12-29"
    let count = 0
    while (monday < "2400") {
      const id = idOf(monday)
      assert.deepStrictEqual(mondayOf(id), Option.some(monday))
      if (id.endsWith("53")) count += 1
      monday = weeksAfter(monday, 1)
    }
    const years = Array.from({ length: 430 }, (_, index) => 1970 + index).filter(hasWeek53)
    assert.strictEqual(count, years.length)
  })
})

describe("mondayOf", () => {
  it("finds no week 53 in a year with 52 weeks", () => {
    assert.deepStrictEqual(
      ["2025-W53", "2026-W53"].map((id) => mondayOf(id)),
      [Option.none(), Option.some("2026-12-28")]
    )
  })
})

describe("weekOf", () => {
  it("begins a week on Monday at 00:00 UTC", () => {
    const monday = startOf("2026-11-30")
    assert.deepStrictEqual(
      [monday - 1, monday, endOf("2026-11-30") - 1].map((time) => weekOf(time)),
      ["2026-11-23", "2026-11-30", "2026-11-30"]
    )
  })
})

describe("isDue", () => {
  it("closes a week 10 minutes after its end", () => {
    const end = endOf("2026-11-30")
    assert.deepStrictEqual(
      [end + 599_999, end + 600_000].map((now) => isDue("2026-11-30", now)),
      [false, true]
    )
  })
})
