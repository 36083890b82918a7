import { Context, DateTime, Effect, Layer, Option, Redacted, Schema } from "effect"
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { JOSEError, JWKSMultipleMatchingKeys, JWTClaimValidationFailed, JWTExpired } from "jose/errors"
import type { LocalJWKSet } from "jose/jwks/local"
import { jwtVerify } from "jose/jwt/verify"
import type { JWTVerifyOptions } from "jose/jwt/verify"
import type { DependencyDown } from "../domain/Dependency.ts"
import { Identity, NotAuthenticated, SignatureAlgorithm } from "../domain/Identity.ts"
import type { TokenIssuer } from "../domain/Identity.ts"
import { makeKeyCache } from "./identity/KeyCache.ts"

/** Maximum difference between the issuer's clock and ours, in seconds. */
const clockTolerance = 30

const Header = Schema.Struct({ alg: SignatureAlgorithm, kid: Schema.optionalKey(Schema.String) })
const decodeHeader = Schema.decodeUnknownOption(Header)
const decodeIdentity = Schema.decodeUnknownEffect(Identity)

const headerOf = Option.liftThrowable(decodeProtectedHeader)

const reasonOf = (error: unknown): string => {
  if (error instanceof JWTClaimValidationFailed || error instanceof JWTExpired) return error.claim
  return error instanceof JOSEError ? error.code : "unusable key"
}

/** Tries each key, because the token does not name its own. */
const verifyWithAny = async (token: string, keys: AsyncIterable<CryptoKey>, options: JWTVerifyOptions) => {
  let failure: unknown
  for await (const key of keys) {
    try {
      return await jwtVerify(token, key, options)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** Verifies signature and claims of a token, and returns its payload. */
const verifyToken = (token: string, keyOf: LocalJWKSet, options: JWTVerifyOptions) =>
  Effect.tryPromise({
    try: () =>
      jwtVerify(token, keyOf, options).catch((error: unknown) => {
        if (error instanceof JWKSMultipleMatchingKeys) return verifyWithAny(token, error, options)
        throw error
      }),
    catch: (error) => new NotAuthenticated({ reason: reasonOf(error) })
  })

const makeVerify = Effect.fnUntraced(function* ({ algorithms, audience, issuer, keySet, provider }: TokenIssuer) {
  const keysFor = yield* makeKeyCache(keySet)
  const options: JWTVerifyOptions = {
    algorithms: [...algorithms],
    issuer,
    requiredClaims: ["exp", "sub"],
    clockTolerance,
    ...(audience === undefined ? {} : { audience })
  }
  return Effect.fn("Identities.verify")(function* (credential: Redacted.Redacted) {
    const token = Redacted.value(credential)
    const header = Option.flatMap(headerOf(token), decodeHeader)
    // Checked first, so that a token without a valid header causes no request to the issuer.
    if (Option.isNone(header) || !algorithms.includes(header.value.alg)) {
      return yield* new NotAuthenticated({ reason: "alg" })
    }
    const { keyOf } = yield* keysFor(header.value.kid)
    const currentDate = yield* DateTime.nowAsDate
    const { payload } = yield* verifyToken(token, keyOf, { ...options, currentDate })
    return yield* Effect.mapError(
      decodeIdentity({ subject: payload.sub, provider, claims: payload }),
      () => new NotAuthenticated({ reason: "sub" })
    )
  })
})

const rejectAll = () => Effect.fail(new NotAuthenticated({ reason: "no provider" }))

/**
 * Verifies bearer tokens, which are JSON Web Tokens (RFC 7519, RFC 8725). A token must be signed by a key of the issuer
 * with a configured algorithm. Its issuer and audience must match, and it must be valid now, within 30 s.
 */
export class Identities extends Context.Service<
  Identities,
  {
    /** Fails with `DependencyDown` if the issuer's keys cannot be loaded. */
    readonly verify: (token: Redacted.Redacted) => Effect.Effect<Identity, NotAuthenticated | DependencyDown>
  }
>()("tbg-api/services/Identities") {
  static readonly layer = (issuer: TokenIssuer | undefined) =>
    Layer.effect(
      Identities,
      issuer === undefined
        ? Effect.succeed({ verify: rejectAll })
        : Effect.map(makeVerify(issuer), (verify) => ({ verify }))
    )
}
