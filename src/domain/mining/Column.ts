import { Schema } from "effect"
import { Model } from "effect/schema"

/*
 * What the columns of the mining database hold, and how a model has them. The database belongs to another service
 * (contract section 7): no caller creates or changes a row by JSON, so no column has `jsonCreate` or `jsonUpdate`. The
 * `json` variant goes through `Schema.toCodecJson`, which makes bigints, decimals and moments strings.
 */

/** A column that whoever inserts a row has to give. */
export const required = <S extends Schema.Top>(schema: S) =>
  Model.Field({ select: schema, insert: schema, update: schema, json: schema })

/** A column that may be NULL, in JSON `null`. */
export const optional = <S extends Schema.Top>(schema: S) => required(Schema.NullOr(schema))

/** A column that gets the table's default where an insert leaves it out. */
export const defaulted = <S extends Schema.Top>(schema: S) =>
  Model.Field({ select: schema, insert: Schema.optionalKey(schema), update: schema, json: schema })

/** A column that may be NULL, and gets the table's default where an insert leaves it out. */
export const optionalDefaulted = <S extends Schema.Top>(schema: S) => defaulted(Schema.NullOr(schema))

/** A key that the database draws: an update names its row by it, an insert has none. */
export const generated = <S extends Schema.Top>(schema: S) =>
  Model.Field({ select: schema, update: schema, json: schema })

/** `bigint`. */
export const Int8 = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n }))

/** `integer`. */
export const Int4 = Schema.Int.check(Schema.isInt32())

/** `double precision`: NaN and the infinities too, in JSON as strings. The driver writes minus zero as zero. */
export const Float8 = Schema.Number

/** `text`: NUL and half of a surrogate pair are no text to Postgres, other control characters are. */
export const Text = Schema.String.check(
  Schema.isPattern(/^[^\0\p{Cs}]*$/u, { expected: "text without NUL and unpaired surrogates" })
)

/** `character varying`: at most `longest` characters, an emoji being one. */
export const textOf = (longest: number) => Text.check(Schema.isMaxCodePoints(longest))

/**
 * `inet` as the driver prints it: the shortest spelling, with the length of the mask unless it is the whole address.
 */
export const Inet = Schema.String

/**
 * `timestamptz`, to the millisecond: Postgres holds microseconds, and the driver cuts them off, towards 2000-01-01. Two
 * rows within a millisecond look simultaneous, so order and page by the column itself, never by this. What the driver
 * writes is exact from 300 BC to the year 4200, and up to a millisecond off beyond; `infinity` does not decode.
 */
export const Timestamp = Schema.DateTimeUtcFromDate

// JSON.stringify escapes these in lower case, and doubles a backslash that was there before.
const unheldEscape = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/u

/** JSON that `jsonb` can hold: its strings and keys obey the rule of `Text`. */
const HeldJson = Schema.Json.check(
  Schema.makeFilter((json) => !unheldEscape.test(JSON.stringify(json)), {
    expected: "JSON without NUL and unpaired surrogates"
  })
)

/** `jsonb` as it is written: the driver takes JSON as text and gives it back parsed. */
const JsonbText = Schema.fromJsonString(HeldJson)

/** `jsonb`. JSON's own `null` is a value, and no NULL. */
export const jsonb = Model.Field({ select: Schema.Json, insert: JsonbText, update: JsonbText, json: Schema.Json })

// NULL comes first in the union, as text of JSON can be made of null too.
const OptionalJsonbText = Schema.Union([Schema.Null, JsonbText])

/** `jsonb` that may be NULL: `null` is written as NULL, and JSON's own `null` is read as `null`. */
export const optionalJsonb = Model.Field({
  select: Schema.NullOr(Schema.Json),
  insert: OptionalJsonbText,
  update: OptionalJsonbText,
  json: Schema.NullOr(Schema.Json)
})
