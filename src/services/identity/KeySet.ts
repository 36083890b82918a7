import { Effect, Option, Predicate, Schema } from "effect"
import { createLocalJWKSet } from "jose/jwks/local"
import type { LocalJWKSet } from "jose/jwks/local"
import { DependencyDown } from "../../domain/Dependency.ts"
import { SignatureAlgorithm } from "../../domain/Identity.ts"

const Document = Schema.Struct({ keys: Schema.Array(Schema.Unknown) })

/** Members of a public key that verify signatures, without private members and certificates. */
const Key = Schema.Struct({
  kty: Schema.Literals(["RSA", "EC", "OKP"]),
  kid: Schema.optionalKey(Schema.String),
  alg: Schema.optionalKey(SignatureAlgorithm),
  use: Schema.optionalKey(Schema.String),
  key_ops: Schema.optionalKey(Schema.mutable(Schema.Array(Schema.String))),
  n: Schema.optionalKey(Schema.String),
  e: Schema.optionalKey(Schema.String),
  crv: Schema.optionalKey(Schema.String),
  x: Schema.optionalKey(Schema.String),
  y: Schema.optionalKey(Schema.String)
})

const decodeDocument = Schema.decodeUnknownEffect(Document)
const decodeKey = Schema.decodeUnknownOption(Key)

export interface KeySet {
  readonly keyOf: LocalJWKSet
  readonly size: number
  readonly has: (kid: string) => boolean
}

const keySet = (keys: ReadonlyArray<typeof Key.Type>): KeySet => {
  const kids = new Set(keys.map(({ kid }) => kid))
  return { keyOf: createLocalJWKSet({ keys: [...keys] }), size: keys.length, has: (kid) => kids.has(kid) }
}

export const noKeys = keySet([])

/** Some providers write `null` for a member that a key does not have. */
const withoutNulls = (key: unknown): unknown =>
  Predicate.isObject(key) ? Object.fromEntries(Object.entries(key).filter(([, value]) => value !== null)) : key

/** EdDSA and Ed25519 are two names of the same signatures (RFC 9864), so a key of either verifies both. */
const withoutEdwardsName = ({ alg, ...key }: typeof Key.Type): typeof Key.Type =>
  alg === undefined || alg === "EdDSA" || alg === "Ed25519" ? key : { ...key, alg }

/** Keys of a JWK Set, without those that this service cannot use (RFC 7517, section 5). */
export const keySetOf = (document: unknown): Effect.Effect<KeySet, DependencyDown> =>
  decodeDocument(document).pipe(
    Effect.mapError(() => new DependencyDown({ fault: "failed" })),
    Effect.map(({ keys }) =>
      keySet(keys.flatMap((key) => Option.toArray(decodeKey(withoutNulls(key)))).map(withoutEdwardsName))
    )
  )
