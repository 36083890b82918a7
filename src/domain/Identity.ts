import { Schema } from "effect"
import type { Effect } from "effect"
import type { DependencyDown } from "./Dependency.ts"

/** Issuer of users' tokens (contract section 6, `TBG_AUTH_PROVIDER`). */
export const Provider = Schema.Literals(["supabase", "clerk", "custom"])
export type Provider = typeof Provider.Type

/** Asymmetric algorithms only, because with a shared secret every verifier could also sign (RFC 8725, section 3.1). */
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
  "Ed25519" // name of EdDSA in RFC 9864
])
export type SignatureAlgorithm = typeof SignatureAlgorithm.Type

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

/** Invalid token. `reason` is for the log: the invalid claim, such as `exp`, or an error code of `jose`. */
export class NotAuthenticated extends Schema.TaggedError<NotAuthenticated>()("NotAuthenticated", {
  reason: Schema.String
}) {}

/** Issuer of accepted tokens, and the settings to verify them. */
export interface TokenIssuer {
  readonly provider: Provider
  /** Exact value of `iss`. */
  readonly issuer: string
  /** Required value in `aud`; `undefined` accepts any. */
  readonly audience: string | undefined
  readonly algorithms: ReadonlyArray<SignatureAlgorithm>
  /** Fetches the issuer's JSON Web Key Set (RFC 7517), unvalidated. */
  readonly keySet: Effect.Effect<unknown, DependencyDown>
}
