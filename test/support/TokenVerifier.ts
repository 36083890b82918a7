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

/** Verifier over an issuer with one key of each kind. */
export const issuerOfTwo = Effect.fnUntraced(function* (overrides: Partial<TokenIssuer> = {}) {
  const rsa = yield* signingKey("RS256", "rsa")
  const ec = yield* signingKey("ES256", "ec")
  const issuer = testIssuer(answering(rsa, ec), overrides)
  const verify = yield* verifierOf(issuer.tokens)
  const reasonOf = (token: string) =>
    Effect.map(Effect.flip(verify(token)), (error) => ("reason" in error ? error.reason : error.fault))
  return { rsa, ec, issuer, verify, reasonOf }
})
