import { Schema, SchemaTransformation } from "effect"
import { Model } from "effect/schema"
import { generated, Int8, optional, optionalDefaulted, required, textOf, Timestamp } from "./Column.ts"

export const UserId = Int8.pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type

/** ISO 3166-1 alpha-2, in capitals. */
export const CountryCode = Schema.String.check(Schema.isPattern(/^[A-Z]{2}$/, { expected: "two capital letters" }))

/** `character(2)` comes padded with blanks. What else its owner wrote into it is told as it is. */
const Unpadded = Schema.String.pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform({ decode: (padded) => padded.replace(/ +$/, ""), encode: (text) => text })
  )
)

/** A miner, known by the address that is paid: a row of `users`. */
export class User extends Model.Class<User>("User")({
  id: generated(UserId),
  btc_address: required(textOf(62)),
  display_name: optional(textOf(64)),
  country_code: Model.Field({
    select: Schema.NullOr(Unpadded),
    insert: Schema.NullOr(CountryCode),
    update: Schema.NullOr(CountryCode),
    json: Schema.NullOr(Schema.String)
  }),
  created_at: optionalDefaulted(Timestamp),
  last_seen: optional(Timestamp),
  is_verified: optionalDefaulted(Schema.Boolean)
}) {}
