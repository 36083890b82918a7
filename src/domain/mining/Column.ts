import { BigDecimal, Schema, SchemaTransformation } from "effect"

export interface SqlColumn {
  /** Output of `format_type`; `bigserial` for a key with its own sequence. */
  readonly type: string
  readonly nullable: boolean
  /** Default, or expression of an aggregate's column. */
  readonly default: string | null
}

declare module "effect/Schema" {
  namespace Annotations {
    interface Annotations {
      readonly sqlColumn?: SqlColumn | undefined
    }
  }
}

/** Definition of a column; `undefined` for one that a later migration of the owner adds. */
export const sqlColumnOf = (schema: Schema.Constraint) => Schema.resolveAnnotations(schema)?.sqlColumn

const column = <S extends Schema.Top>(type: string, schema: S) =>
  schema.annotate({ sqlColumn: { type, nullable: false, default: null } })

const typeOf = (schema: Schema.Constraint): string => sqlColumnOf(schema)?.type ?? "text"

export const defaulted = <S extends Schema.Top>(schema: S, value: string) =>
  schema.annotate({ sqlColumn: { type: typeOf(schema), nullable: false, default: value } })

export const nullable = <S extends Schema.Top>(schema: S, value: string | null = null) =>
  Schema.NullOr(schema).annotate({ sqlColumn: { type: typeOf(schema), nullable: true, default: value } })

/** Column that a later migration of the owner adds, so it may be missing. */
export const later = Schema.optionalKey(Schema.NullOr(Schema.String))

const Int8 = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n }))

const maxBtc = BigDecimal.make(9_999_999_999_999_999n, 8)

/** Bitcoin, exact to the satoshi, because Postgres would round further decimals. NaN does not decode. */
const Btc = Schema.BigDecimalFromString.check(
  Schema.isBetweenBigDecimal({ minimum: BigDecimal.negate(maxBtc), maximum: maxBtc }),
  Schema.makeFilter((amount) => BigDecimal.normalize(amount).scale <= 8, { expected: "at most 8 decimals" })
)

/** Postgres pads `character(n)` with blanks. */
const Unpadded = Schema.String.pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform({ decode: (padded) => padded.replace(/ +$/, ""), encode: (text) => text })
  )
)

const Text = Schema.String.check(
  Schema.isPattern(/^[^\0\p{Cs}]*$/u, { expected: "text without NUL and unpaired surrogates" })
)

export const bigserial = column("bigserial", Int8)
export const bigint = column("bigint", Int8)
export const integer = column("integer", Schema.Int.check(Schema.isInt32()))
/** Includes NaN and infinities, which are strings in JSON. */
export const double = column("double precision", Schema.Number)
export const btc = column("numeric(16,8)", Btc)
export const boolean = column("boolean", Schema.Boolean)
export const text = column("text", Text)
export const varchar = (length: number) =>
  column(`character varying(${length})`, Text.check(Schema.isMaxCodePoints(length)))
export const char = (length: number) => column(`character(${length})`, Unpadded)
export const inet = column("inet", Schema.String)
export const date = column(
  "date",
  Schema.String.check(Schema.isPattern(/^\d{4}-\d\d-\d\d$/, { expected: "YYYY-MM-DD" }))
)
/** JSON `null` is a value, different from NULL. */
export const jsonb = column("jsonb", Schema.Json)
/**
 * Precision of a millisecond, because the driver truncates microseconds toward 2000-01-01. Order and page by the column,
 * not by this value. `infinity` does not decode.
 */
export const timestamptz = column("timestamp with time zone", Schema.DateTimeUtcFromDate)
