import { DateTime, Option, Schema } from "effect"
import { Model } from "effect/schema"
import { Float8, generated, Int8, optional, optionalDefaulted, required, textOf, Timestamp } from "./Column.ts"
import { UserId } from "./User.ts"

const isOnCalendar = (date: string): boolean =>
  !date.startsWith("0000") &&
  Option.exists(DateTime.make(date), (midnight) => DateTime.formatIsoDateUtc(midnight) === date)

/** `date`: a day of the years 1 to 9999 as `YYYY-MM-DD`. It is no moment, so it has no time zone to be shifted by. */
export const CalendarDate = Schema.String.check(
  Schema.isPattern(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, { expected: "a date as YYYY-MM-DD" }),
  Schema.makeFilter(isOnCalendar, { expected: "a date that the calendar has" })
)

/** The best share of an address in a week: a row of `weekly_best_diff`. */
export class WeeklyBest extends Model.Class<WeeklyBest>("WeeklyBest")({
  id: generated(Int8),
  user_id: optional(UserId),
  btc_address: required(textOf(62)),
  week_start: required(CalendarDate),
  best_difficulty: required(Float8),
  best_share_time: optional(Timestamp),
  total_shares: optionalDefaulted(Int8)
}) {}
