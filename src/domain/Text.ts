import { Schema, SchemaTransformation } from "effect"

/*
 * Postgres text refuses NUL, terminals and logs obey the other control characters, and half of a surrogate pair is no
 * character at all: none of them is text. Lengths are in characters as people count them, so an emoji is one.
 */
const isOneLine = Schema.isPattern(/^[^\p{Cc}\p{Cs}]*$/u, { expected: "text without control characters" })

const isProse = Schema.isPattern(/^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u, {
  expected: "text without control characters other than newline and tab"
})

/** 1 to `longest` characters on one line: no control characters. */
export const lineOf = (longest: number) => Schema.String.check(Schema.isBetweenCodePoints(1, longest), isOneLine)

/** 1 to `longest` characters, in which newline and tab are the only control characters. */
export const proseOf = (longest: number) => Schema.String.check(Schema.isBetweenCodePoints(1, longest), isProse)

/** Text of only white space, invisible format characters and blank symbols such as U+2800. */
const blank = /^[\p{Z}\p{Default_Ignorable_Code_Point}\p{Cf}\u2800\u{1D159}]+$/u

/** Text with a visible character; for input only, because some stored text is blank. */
export const isVisible = Schema.makeFilter((text: string) => !blank.test(text), {
  expected: "text with a visible character",
  toJsonSchema: () => [{}, true]
})

/**
 * List schema that checks the length before the items; otherwise each item of a hostile list is a separate problem. Its
 * JSON Schema is that of `lists`.
 */
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

/** A UUID of any version, in either case. */
export const Uuid = Schema.String.check(Schema.isUUID())

/** 1 to 63 of `a-z0-9_-`, beginning with a letter or a digit: safe in a path, a log and a metric. */
export const TeamName = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9_-]{0,62}$/u, {
    expected: "1 to 63 characters of a-z, 0-9, _ and -, the first of them a letter or a digit"
  })
)

/** Integer in JSON; `expected` replaces the message for a value out of bounds. */
export const integerBetween = (minimum: number, maximum: number, expected?: string) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum }, expected === undefined ? undefined : { expected }))

/** Integer in a path or query: decimal digits only, so `1e3`, ` 1` and the empty string are invalid. */
export const integerTextBetween = (minimum: number, maximum: number, expected?: string) =>
  Schema.String.check(Schema.isPattern(/^-?\d{1,15}$/u, { expected: "a whole number" })).pipe(
    Schema.decodeTo(integerBetween(minimum, maximum, expected), SchemaTransformation.numberFromString)
  )
