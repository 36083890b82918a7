import { Schema } from "effect"
import type { Effect } from "effect"
import type { DependencyDown } from "./Dependency.ts"

/** Who issues the tokens of users (contract section 6, `TBG_AUTH_PROVIDER`). */
export const Provider = Schema.Literals(["supabase", "clerk", "custom"])
export type Provider = typeof Provider.Type

/** Signatures by a private key only: with a shared secret whoever verifies could also sign (RFC 8725, section 3.1). */
export const SignatureAlgorithm = Schema.Literals([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  // Ed25519 is the RFC 9864 name of the same signatures.
  "Ed25519"
])
export type SignatureAlgorithm = typeof SignatureAlgorithm.Type

/** Whom a token speaks for: its `sub`, who issued it, and all that it says, as its JSON has it. */
export const Identity = Schema.Struct({
  subject: Schema.NonEmptyString.annotate({ description: "The user, as the provider names them" }),
  provider: Provider.annotate({ description: "Issuer of the token" }),
  claims: Schema.Record(Schema.String, Schema.Json).annotate({ description: "Claims of the token" })
}).annotate({
  identifier: "Identity",
  description: "The user of a token",
  examples: [
    {
      subject: "user_2b7f",
      provider: "clerk",
      claims: { sub: "user_2b7f", iss: "https://clerk.example.com", exp: 1_800_000_000 }
    }
  ]
})
export type Identity = typeof Identity.Type

/**
 * A token that proves nothing. `reason` is for the log: the claim that was wrong (`exp`, `iss`, …), or else the word
 * that `jose` has for it (`ERR_JWS_SIGNATURE_VERIFICATION_FAILED`, …); never a part of the token.
 */
export class NotAuthenticated extends Schema.TaggedError<NotAuthenticated>()("NotAuthenticated", {
  reason: Schema.String
}) {}

/** Whose tokens are taken, and how they are checked. */
export interface TokenIssuer {
  readonly provider: Provider
  /** `iss`, to the letter. */
  readonly issuer: string
  /** One of `aud`; `undefined` takes any. */
  readonly audience: string | undefined
  readonly algorithms: ReadonlyArray<SignatureAlgorithm>
  /** The issuer's JSON Web Key Set (RFC 7517) as it publishes it, asked for anew each time; of any shape. */
  readonly keySet: Effect.Effect<unknown, DependencyDown>
}
