import { Context, Effect, Layer, Redacted } from "effect"
import type { TokenIssuer } from "../../src/domain/Identity.ts"
import { Identities } from "../../src/services/Identities.ts"
import { answering, signingKey, testIssuer } from "./Tokens.ts"

/** Result of verifying tokens with `Identities` over an issuer of these keys. */
export const verifierOf = (tokens: TokenIssuer | undefined) =>
  Effect.map(Layer.build(Identities.layer(tokens)), (context) => {
    const { verify } = Context.get(context, Identities)
    return (token: string) => verify(Redacted.make(token))
  })

/** One key of each kind, shared by all tests, because a new RSA key takes a tenth of a second. */
const keys = Effect.runSync(Effect.cached(Effect.all([signingKey("RS256", "rsa"), signingKey("ES256", "ec")])))

/** Verifier over an issuer with one key of each kind. */
export const issuerOfTwo = Effect.fnUntraced(function* (overrides: Partial<TokenIssuer> = {}) {
  const [rsa, ec] = yield* keys
  const issuer = testIssuer(answering(rsa, ec), overrides)
  const verify = yield* verifierOf(issuer.tokens)
  const reasonOf = (token: string) =>
    Effect.map(Effect.flip(verify(token)), (error) => ("reason" in error ? error.reason : error.fault))
  return { rsa, ec, issuer, verify, reasonOf }
})
