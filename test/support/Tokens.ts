import { Effect } from "effect"
import { CompactSign, exportJWK, generateKeyPair, SignJWT } from "jose"
import type { CryptoKey, JWK, JWTPayload } from "jose"
import { DependencyDown } from "../../src/domain/Dependency.ts"
import type { Fault } from "../../src/domain/Dependency.ts"
import type { SignatureAlgorithm, TokenIssuer } from "../../src/domain/Identity.ts"

export interface SigningKey {
  readonly alg: SignatureAlgorithm
  readonly privateKey: CryptoKey
  /** As its issuer publishes it. */
  readonly jwk: JWK
}

/** A new pair of keys; without a `kid` where that is `undefined`. */
export const signingKey = (alg: SignatureAlgorithm, kid: string | undefined): Effect.Effect<SigningKey> =>
  Effect.promise(async () => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    const jwk = await exportJWK(publicKey)
    return { alg, privateKey, jwk: { ...jwk, use: "sig", ...(kid === undefined ? {} : { kid }) } }
  })

/** What a good token says at the time 0 of the test clock; it ends after an hour. */
export const goodClaims = { iss: "https://id.example", aud: "tbg", sub: "user-1", iat: 0, exp: 3600 }

/** A token by this key; a claim or part of the header that is `undefined` is left out. */
export const tokenBy = (
  { alg, jwk, privateKey }: SigningKey,
  claims: JWTPayload | { readonly [name: string]: unknown } = {},
  header: { readonly kid?: string | undefined } = {}
): Effect.Effect<string> =>
  Effect.promise(() => {
    const kid = "kid" in header ? header.kid : jwk.kid
    const protectedHeader = { alg, ...(kid === undefined ? {} : { kid }) }
    return new SignJWT({ ...goodClaims, ...claims }).setProtectedHeader(protectedHeader).sign(privateKey)
  })

/** Bytes of the caller's choice, signed as a token is. */
export const signedBytes = ({ alg, jwk, privateKey }: SigningKey, bytes: string): Effect.Effect<string> =>
  Effect.promise(() => {
    const header = { alg, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) }
    return new CompactSign(new TextEncoder().encode(bytes)).setProtectedHeader(header).sign(privateKey)
  })

/** A part of a token: an object as base64url. */
export const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url")

type Answer = TokenIssuer["keySet"]

export const answering = (...keys: ReadonlyArray<SigningKey>): Answer =>
  Effect.succeed({ keys: keys.map(({ jwk }) => jwk) })
export const away = (fault: Fault): Answer => Effect.fail(new DependencyDown({ fault }))

/** An issuer without a server, whose answer a test may change, and that counts how often it is asked. */
export const testIssuer = (first: Answer, overrides: Partial<TokenIssuer> = {}) => {
  let answer = first
  let asked = 0
  const tokens: TokenIssuer = {
    provider: "custom",
    issuer: goodClaims.iss,
    audience: goodClaims.aud,
    algorithms: ["RS256", "ES256"],
    keySet: Effect.suspend(() => {
      asked += 1
      return answer
    }),
    ...overrides
  }
  return {
    tokens,
    asked: () => asked,
    /** From now on. */
    answers: (next: Answer): void => {
      answer = next
    }
  }
}
