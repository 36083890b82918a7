import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { CountryCode, DisplayName, NewDisplayName } from "../../domain/Account.ts"
import { lineOf, Uuid } from "../../domain/Text.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { Conflict, Invalid, Unauthorized } from "../Errors.ts"
import { LimitSignIn } from "./SignedIn.ts"

/** Text of an address; longer text cannot be one. */
export const AddressText = lineOf(100).annotate({ description: "Bitcoin address of the configured network" })

export const exampleNonce = "6f1b8c1d5f0a4e7c9b2d3e4f5a6b7c8d"
const address = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l"

export const User = Schema.Struct({
  id: Uuid.annotate({ description: "UUID of the account" }),
  addresses: Schema.Array(Schema.String).annotate({ description: "Proven addresses, in canonical form, oldest first" }),
  display_name: Schema.NullOr(DisplayName).annotate({ description: "Name on boards, or null" }),
  country_code: Schema.NullOr(Schema.String).annotate({ description: "ISO 3166-1 alpha-2, or null" }),
  is_public: Schema.Boolean.annotate({ description: "Whether others may see the miners of the addresses" }),
  created_at: Timestamp.annotate({ description: "Time of the first sign-in" })
}).annotate({ identifier: "User", description: "The signed-in player" })

export const exampleUser = {
  id: "01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b77",
  addresses: [address],
  display_name: "Hal",
  country_code: "CH",
  is_public: true,
  created_at: "2026-12-01T12:34:56.789000Z"
} as const

export const OneUser = Schema.Struct({ user: User }).annotate({
  identifier: "OneUser",
  description: "The player",
  examples: [{ user: exampleUser }]
})

export const SignedProof = Schema.Struct({
  btc_address: AddressText,
  signature: Schema.String.annotate({
    description: "Signature of the challenge's message: BIP-322 simple or full, or BIP-137; base64, at most 4 KiB"
  }),
  nonce: Schema.String.annotate({ description: "Nonce of the challenge" })
}).annotate({
  identifier: "SignedProof",
  description: "A signed challenge",
  examples: [{ btc_address: address, signature: "smpAkcwRAIg…", nonce: exampleNonce }]
})

const UserChanges = Schema.Struct({
  display_name: Schema.optionalKey(
    Schema.NullOr(NewDisplayName).annotate({ description: "Name on boards; null removes it" })
  ),
  country_code: Schema.optionalKey(
    Schema.NullOr(CountryCode).annotate({ description: "ISO 3166-1 alpha-2; null removes it" })
  ),
  is_public: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Whether others may see the miners of the addresses" })
  )
}).annotate({
  identifier: "UserChanges",
  description: "Fields to change; absent fields are kept",
  examples: [{ display_name: "Hal", is_public: false }]
})

/** Endpoints of the signed-in player. */
export class UsersApi extends HttpApiGroup.make("Users")
  .add(
    HttpApiEndpoint.get("me", "/me", { success: OneUser, error: Invalid }).annotateMerge(
      OpenApi.annotations({ summary: "Get the signed-in player", description: "Requires an access token." })
    ),
    HttpApiEndpoint.patch("update", "/me", { payload: UserChanges, success: OneUser, error: Invalid }).annotateMerge(
      OpenApi.annotations({ summary: "Change the signed-in player", description: "Absent fields are kept." })
    ),
    HttpApiEndpoint.post("addAddress", "/me/addresses", {
      payload: SignedProof,
      success: OneUser,
      error: [Invalid, Unauthorized, Conflict]
    })
      .middleware(LimitSignIn)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Add an address",
          description:
            "Needs a signed challenge for the new address. 409 if it belongs to another account; " +
            "mining to an address never links it."
        })
      )
  )
  .prefix("/api/v1/users")
  .annotateMerge(OpenApi.annotations({ description: "The signed-in player" })) {}
