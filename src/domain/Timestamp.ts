import { DateTime, Schema } from "effect"

/** RFC 3339 in UTC with six digits of a second; as text, because a `Date` has three. */
export const Timestamp = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u, {
    expected: "RFC 3339 in UTC with microseconds",
    toJsonSchema: () => [{ format: "date-time" }, true]
  })
)
export type Timestamp = typeof Timestamp.Type

/** The time of so many whole microseconds since 1970, from 1970 on. */
export const timestampOf = (micros: number): Timestamp => {
  const millis = DateTime.formatIso(DateTime.makeUnsafe(Math.floor(micros / 1000)))
  return `${millis.slice(0, -1)}${String(micros % 1000).padStart(3, "0")}Z`
}
