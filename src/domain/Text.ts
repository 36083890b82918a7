import { Predicate, Schema, SchemaTransformation } from "effect"

/*
 * Postgres rejects NUL, terminals interpret other control characters, and half of a surrogate pair is not a character.
 * Lengths count code points, so an emoji counts as one. The JSON Schemas omit surrogates: without the `u` flag, which
 * generators do not set, a pattern that excludes them also excludes emoji.
 */
const isOneLine = Schema.isPattern(/^[^\p{Cc}\p{Cs}]*$/u, {
  expected: "text without control characters",
  toJsonSchema: () => [{ pattern: String.raw`^[^\x00-\x1F\x7F-\x9F]*$` }, true]
})

const isProse = Schema.isPattern(/^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u, {
  expected: "text without control characters other than newline and tab",
  toJsonSchema: () => [{ pattern: String.raw`^[^\x00-\x08\x0B-\x1F\x7F-\x9F]*$` }, true]
})

/** Joiners are part of emoji and of some scripts. The JSON Schema has only the characters that it can name. */
const isName = Schema.isPattern(/^[^[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200C\u200D]]*$/v, {
  expected:
    "letters, digits, punctuation, symbols and spaces, without control, text direction or zero-width characters",
  toJsonSchema: () => [{ pattern: String.raw`^[^\x00-\x1F\x7F-\x9F\xAD]*$` }, true]
})

/** Puts the bounds next to the type, where code generators read them, instead of in an `allOf`. */
const hasLength = (minLength: number, maxLength: number) =>
  Schema.isBetweenCodePoints(minLength, maxLength, { toJsonSchema: () => ({ minLength, maxLength }) })

export const lineOf = (longest: number) => Schema.String.check(hasLength(1, longest), isOneLine)

/** Public name without characters that reorder the text around it or make it look like another name. */
export const nameOf = (longest: number) => Schema.String.check(hasLength(1, longest), isName)

export const proseOf = (longest: number) => Schema.String.check(hasLength(1, longest), isProse)

const blank = /^[\p{Z}\p{Default_Ignorable_Code_Point}\p{Cf}\u2800\u{1D159}]+$/u

/** For input only, because some stored text is blank. */
export const isVisible = Schema.makeFilter((text: string) => !blank.test(text), {
  expected: "text with a visible character",
  toJsonSchema: () => [{}, true]
})

/** Checks the length of a list before its items. Otherwise each item of a hostile list would be reported. */
export const lengthFirst = <S extends Schema.Constraint>(
  lists: S,
  longest: number
): Schema.Codec<S["Type"], S["Encoded"], S["DecodingServices"], S["EncodingServices"]> => {
  const isShort = Schema.makeFilter<unknown>((value) => !Array.isArray(value) || value.length <= longest, {
    expected: `a value with a length of at most ${longest}`,
    // `Schema.toJsonSchemaDocument` would add 25 kB to the client.
    representation: { id: "tbg-api/lengthFirst", payload: { longest }, schemas: [lists.ast] },
    toJsonSchema: ({ schemas: [schema = {}] }) => schema
  })
  return Schema.Any.check(isShort).pipe(Schema.decodeTo(lists, SchemaTransformation.passthrough({ strict: false })))
}

export const Uuid = Schema.String.check(Schema.isUUID())

/** Safe in a path, a log line and a metric. */
export const TeamName = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9_-]{0,62}$/u, {
    expected: "1 to 63 characters of a-z, 0-9, _ and -, the first of them a letter or a digit"
  })
)

/** `expected` replaces the message for a value out of bounds. */
export const integerBetween = (minimum: number, maximum: number, expected?: string) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum }, expected === undefined ? undefined : { expected }))

/** Integer in a path or query. Decimal digits only, so `1e3`, ` 1` and the empty string are invalid. */
export const integerTextBetween = (minimum: number, maximum: number, expected?: string) => {
  const isInteger = Schema.makeFilter<unknown>((text) => Predicate.isString(text) && /^-?\d{1,15}$/.test(text), {
    expected: "a whole number",
    toJsonSchema: () => ({ type: "integer", minimum, maximum })
  })
  return Schema.Any.check(isInteger).pipe(
    Schema.decodeTo(integerBetween(minimum, maximum, expected), SchemaTransformation.numberFromString)
  )
}

export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
