import { DateTime, Option, Schema } from "effect"

/** ISO 8601 week in UTC, for example `2026-W48`. Further checks run only on text of this form. */
export const WeekId = Schema.String.check(
  Schema.isPattern(/^\d{4}-W(?:0[1-9]|[1-4]\d|5[0-3])$/u, { expected: "an ISO 8601 week such as 2026-W48" }).abort()
)
export type WeekId = typeof WeekId.Type

/** Monday of a week as an ISO date, which identifies the week in the database. */
export type Monday = string

/** How long after its end a week is closed, in milliseconds. */
const closingDelay = 600_000

const day = 86_400_000
const week = 7 * day

const timeOf = (date: string): number => DateTime.makeUnsafe(date).epochMilliseconds
const dateOf = (millis: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(millis))

/** Monday of the week that contains a time in milliseconds. 1970 began on a Thursday. */
export const weekOf = (millis: number): Monday => dateOf(Math.floor((millis + 3 * day) / week) * week - 3 * day)

/** Milliseconds since 1970 of the start of a week. */
export const startOf = (monday: Monday): number => timeOf(monday)

/** Milliseconds since 1970 of the end of a week, which is the start of the next. */
export const endOf = (monday: Monday): number => timeOf(monday) + week

/** Monday of the week that is a number of weeks later. */
export const weeksAfter = (monday: Monday, count: number): Monday => dateOf(timeOf(monday) + count * week)

/** Whether a week ended long enough ago to be closed. */
export const isDue = (monday: Monday, now: number): boolean => endOf(monday) + closingDelay <= now

/** Monday of the first week of a year, which contains January 4. */
const firstMonday = (year: string): Monday => weekOf(timeOf(`${year}-01-04`))

/** ISO 8601 id of a week. Its year is that of its Thursday. */
export const idOf = (monday: Monday): WeekId => {
  const year = dateOf(timeOf(monday) + 3 * day).slice(0, 4)
  const number = Math.round((timeOf(monday) - timeOf(firstMonday(year))) / week) + 1
  return `${year}-W${String(number).padStart(2, "0")}`
}

const isWeekId = Schema.is(WeekId)

/** Monday of a named week. None if the text does not name a week, or the year does not have it. */
export const mondayOf = (id: string): Option.Option<Monday> => {
  if (!isWeekId(id)) return Option.none()
  const monday = weeksAfter(firstMonday(id.slice(0, 4)), Number(id.slice(6)) - 1)
  return idOf(monday) === id ? Option.some(monday) : Option.none()
}
