import { DateTime } from "effect"

/** Starts of the UTC calendar periods of a time, as text. A week begins on Monday. */
export const periodsOf = (now: number) => {
  const utc = DateTime.makeUnsafe(now)
  const startOf = (part: "day" | "week" | "month") =>
    DateTime.formatIso(DateTime.startOf(utc, part, part === "week" ? { weekStartsOn: 1 } : undefined))
  const integritySince = DateTime.startOf(DateTime.subtract(utc, { days: 6 }), "day")
  return {
    day: startOf("day"),
    week: startOf("week"),
    month: startOf("month"),
    /** First of the last 7 days, today included. */
    sevenDays: DateTime.formatIsoDateUtc(integritySince)
  }
}
