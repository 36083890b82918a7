import { Effect } from "effect"
import { CompactSign, exportJWK, generateKeyPair, SignJWT } from "jose"
import type { CryptoKey, JWK, JWTPayload } from "jose"
import { DependencyDown } from "../../src/domain/Dependency.ts"
import type { Fault } from "../../src/domain/Dependency.ts"
import type { SignatureAlgorithm, TokenIssuer } from "../../src/domain/Identity.ts"

export interface SigningKey {
  readonly alg: SignatureAlgorithm
  readonly privateKey: CryptoKey
  /** Public key in the issuer's format. */
  readonly jwk: JWK
}

/** A new key pair; no `kid` if that is `undefined`. */
export const signingKey = (alg: SignatureAlgorithm, kid: string | undefined): Effect.Effect<SigningKey> =>
  Effect.promise(async () => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    const jwk = await exportJWK(publicKey)
    return { alg, privateKey, jwk: { ...jwk, use: "sig", ...(kid === undefined ? {} : { kid }) } }
  })

/** Claims of a valid token at time 0 of the test clock; it expires after an hour. */
export const goodClaims = { iss: "https://id.example", aud: "tbg", sub: "user-1", iat: 0, exp: 3600 }

/** A token signed by this key; a claim or header field that is `undefined` is left out. */
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

/** Arbitrary bytes, signed like a token. */
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

/** An issuer without a server that counts requests, and whose response a test can change. */
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
    /** Changes the response. */
    answers: (next: Answer): void => {
      answer = next
    }
  }
}
