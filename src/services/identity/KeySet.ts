import { Effect, Option, Schema } from "effect"
import { createLocalJWKSet } from "jose/jwks/local"
import type { LocalJWKSet } from "jose/jwks/local"
import { DependencyDown } from "../../domain/Dependency.ts"
import { SignatureAlgorithm } from "../../domain/Identity.ts"

const Document = Schema.Struct({ keys: Schema.Array(Schema.Unknown) })

/** The members of a public key that checks signatures; private ones and certificates are left out. */
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
  /** Finds the key for a token. */
  readonly keyOf: LocalJWKSet
  readonly size: number
  readonly has: (kid: string) => boolean
}

const keySet = (keys: ReadonlyArray<typeof Key.Type>): KeySet => {
  const kids = new Set(keys.map(({ kid }) => kid))
  return { keyOf: createLocalJWKSet({ keys: [...keys] }), size: keys.length, has: (kid) => kids.has(kid) }
}

export const noKeys = keySet([])

/**
 * The keys of a JWK Set; those that are not for us to understand are as if they were not there (RFC 7517, section 5).
 */
export const keySetOf = (document: unknown): Effect.Effect<KeySet, DependencyDown> =>
  decodeDocument(document).pipe(
    Effect.mapError(() => new DependencyDown({ fault: "failed" })),
    Effect.map(({ keys }) => keySet(keys.flatMap((key) => Option.toArray(decodeKey(key)))))
  )
