import { Schema } from "effect"
import { isCountryCode } from "./Country.ts"
import { isVisible, lineOf, nameOf, Uuid } from "./Text.ts"

export const AccountId = Uuid.pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

export const DisplayName = lineOf(64)
/** Display name in requests. Stored names may predate its rules. */
export const NewDisplayName = nameOf(64).check(isVisible)
export const CountryCode = Schema.String.check(
  Schema.makeFilter(isCountryCode, {
    expected: "a country code of ISO 3166-1 alpha-2, such as CH",
    toJsonSchema: () => [{ pattern: "^[A-Z]{2}$" }, true]
  })
)

/** A player: the addresses that were proven by signatures, and what the player says about themselves. */
export const Account = Schema.Struct({
  id: AccountId,
  /** Canonical, oldest proof first. */
  addresses: Schema.Array(Schema.String),
  displayName: Schema.NullOr(DisplayName),
  countryCode: Schema.NullOr(Schema.String),
  /** Whether others may see the account's miners. */
  isPublic: Schema.Boolean,
  createdAt: Schema.DateTimeUtc
})
export type Account = typeof Account.Type

/** Changes of an account. A field that is absent stays. */
export const AccountChanges = Schema.Struct({
  displayName: Schema.optionalKey(Schema.NullOr(NewDisplayName)),
  countryCode: Schema.optionalKey(Schema.NullOr(CountryCode)),
  isPublic: Schema.optionalKey(Schema.Boolean)
})
export type AccountChanges = typeof AccountChanges.Type

/** The address belongs to another account. */
export class AddressTaken extends Schema.TaggedError<AddressTaken>()("AddressTaken", { address: Schema.String }) {}
