import { DateTime, Schema } from "effect"

/** RFC 3339 in UTC with microseconds. It is text, because a `Date` has only milliseconds. */
export const Timestamp = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u, {
    expected: "RFC 3339 in UTC with microseconds",
    toJsonSchema: () => [{ format: "date-time" }, true]
  })
)
export type Timestamp = typeof Timestamp.Type

/** Converts whole microseconds since 1970; not for earlier times. */
export const timestampOf = (micros: number): Timestamp => {
  const millis = DateTime.formatIso(DateTime.makeUnsafe(Math.floor(micros / 1000)))
  return `${millis.slice(0, -1)}${String(micros % 1000).padStart(3, "0")}Z`
}
