import { Context, DateTime, Effect, Layer, Option, Redacted, Schema } from "effect"
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { JOSEError, JWKSMultipleMatchingKeys, JWTClaimValidationFailed, JWTExpired } from "jose/errors"
import type { LocalJWKSet } from "jose/jwks/local"
import { jwtVerify } from "jose/jwt/verify"
import type { JWTVerifyOptions } from "jose/jwt/verify"
import type { DependencyDown } from "../domain/Dependency.ts"
import { Identity, NotAuthenticated, SignatureAlgorithm } from "../domain/Identity.ts"
import type { TokenIssuer } from "../domain/Identity.ts"
import { makeKeyRing } from "./identity/KeyRing.ts"

/** Seconds that the issuer's clock and ours may be apart. */
const clockTolerance = 30

const Header = Schema.Struct({ alg: SignatureAlgorithm, kid: Schema.optionalKey(Schema.String) })
const decodeHeader = Schema.decodeUnknownOption(Header)
const decodeIdentity = Schema.decodeUnknownEffect(Identity)

/** What a token says of its signature, which decides nothing but the key to check it with. */
const headerOf = Option.liftThrowable(decodeProtectedHeader)

const reasonOf = (error: unknown): string => {
  if (error instanceof JWTClaimValidationFailed || error instanceof JWTExpired) return error.claim
  return error instanceof JOSEError ? error.code : "a key that cannot be used"
}

/** Of a token that does not name its key only the signature tells which it is. */
const verifiedByOne = async (token: string, keys: AsyncIterable<CryptoKey>, options: JWTVerifyOptions) => {
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

/** The payload of a token that is signed by one of the keys and whose claims hold. */
const payloadOf = (token: string, keyOf: LocalJWKSet, options: JWTVerifyOptions) =>
  Effect.tryPromise({
    try: () =>
      jwtVerify(token, keyOf, options).catch((error: unknown) => {
        if (error instanceof JWKSMultipleMatchingKeys) return verifiedByOne(token, error, options)
        throw error
      }),
    catch: (error) => new NotAuthenticated({ reason: reasonOf(error) })
  })

const makeVerify = Effect.fnUntraced(function* ({ algorithms, audience, issuer, keySet, provider }: TokenIssuer) {
  const keysFor = yield* makeKeyRing(keySet)
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
    // First of all: nothing that comes without a fitting header has the issuer asked for its keys.
    if (Option.isNone(header) || !algorithms.includes(header.value.alg)) {
      return yield* new NotAuthenticated({ reason: "alg" })
    }
    const { keyOf } = yield* keysFor(header.value.kid)
    const currentDate = yield* DateTime.nowAsDate
    const { payload } = yield* payloadOf(token, keyOf, { ...options, currentDate })
    return yield* Effect.mapError(
      decodeIdentity({ subject: payload.sub, provider, claims: payload }),
      () => new NotAuthenticated({ reason: "sub" })
    )
  })
})

/** Without an issuer no token proves anything. */
const nobody = () => Effect.fail(new NotAuthenticated({ reason: "no provider" }))

/**
 * Tells whom bearer tokens speak for: JSON Web Tokens, signed by a key of the issuer's with an algorithm that is
 * configured, of that issuer, for our audience, not expired and valid already, give or take 30 s (RFC 7519, RFC 8725).
 */
export class Identities extends Context.Service<
  Identities,
  {
    /** `DependencyDown` where the issuer cannot be asked for the key of the token. */
    readonly verify: (token: Redacted.Redacted) => Effect.Effect<Identity, NotAuthenticated | DependencyDown>
  }
>()("tbg-api/services/Identities") {
  static readonly layer = (issuer: TokenIssuer | undefined) =>
    Layer.effect(
      Identities,
      issuer === undefined
        ? Effect.succeed({ verify: nobody })
        : Effect.map(makeVerify(issuer), (verify) => ({ verify }))
    )
}
