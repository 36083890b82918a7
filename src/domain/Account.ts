import { Schema } from "effect"
import { isVisible, lineOf, nameOf, Uuid } from "./Text.ts"

export const AccountId = Uuid.pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

export const DisplayName = lineOf(64)
/** Display name in requests. Stored names may predate its rules. */
export const NewDisplayName = nameOf(64).check(isVisible)

/** Officially assigned codes of ISO 3166-1 alpha-2. */
const countryCodes = new Set(
  `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
  CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
  GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
  KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
  MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
  SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
  UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`.split(/\s+/u)
)
export const CountryCode = Schema.String.check(
  Schema.makeFilter((text: string) => countryCodes.has(text), {
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
