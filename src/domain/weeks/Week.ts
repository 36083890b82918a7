import { DateTime, Option, Schema } from "effect"

/** ISO 8601 week in UTC, for example `2026-W48`. */
export const WeekId = Schema.String.check(
  Schema.isPattern(/^\d{4}-W(?:0[1-9]|[1-4]\d|5[0-3])$/u, { expected: "an ISO 8601 week such as 2026-W48" })
)
export type WeekId = typeof WeekId.Type

/** Monday of a week as an ISO date, the form in which the database has it. */
export type Monday = string

/** How long after its end a week is closed, in milliseconds. */
export const closingDelay = 600_000

const day = 86_400_000

/** Days since 1970-01-01, a Thursday, of the Monday that begins the week of a day. */
const mondayOf = (days: number): number => days - ((((days + 3) % 7) + 7) % 7)

const dateOf = (days: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(days * day))
const yearOf = (days: number): number => Number(dateOf(days).slice(0, 4))
/** The first week of a year contains January 4. */
const firstMonday = (year: number): number =>
  mondayOf(DateTime.makeUnsafe(`${String(year).padStart(4, "0")}-01-04`).epochMilliseconds / day)

/** Monday of the week that contains a time in milliseconds. */
export const weekOf = (millis: number): Monday => dateOf(mondayOf(Math.floor(millis / day)))

/** Milliseconds since 1970 of the start of a week. */
export const startOf = (week: Monday): number => DateTime.makeUnsafe(week).epochMilliseconds

/** Milliseconds since 1970 of the end of a week, which is the start of the next. */
export const endOf = (week: Monday): number => startOf(week) + 7 * day

/** Name of a week. Its year is that of its Thursday. */
export const idOf = (week: Monday): WeekId => {
  const monday = startOf(week) / day
  const year = yearOf(monday + 3)
  const number = (monday - firstMonday(year)) / 7 + 1
  return `${String(year).padStart(4, "0")}-W${String(number).padStart(2, "0")}`
}

/** Monday of a named week; none if the year does not have that week. */
export const mondayOfId = (id: WeekId): Option.Option<Monday> => {
  const monday = dateOf(firstMonday(Number(id.slice(0, 4))) + (Number(id.slice(6)) - 1) * 7)
  return idOf(monday) === id ? Option.some(monday) : Option.none()
}
