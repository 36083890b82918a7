import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from "jose"
import { issuerOfTwo, verifierOf } from "../support/TokenVerifier.ts"
import { encoded, goodClaims, signedBytes, signingKey, tokenBy } from "../support/Tokens.ts"

describe("a token", () => {
  it.effect.each([
    ["another issuer", { iss: "https://id.example/" }, "iss"],
    ["no issuer", { iss: undefined }, "iss"],
    ["another audience", { aud: "other" }, "aud"],
    ["no audience", { aud: undefined }, "aud"],
    ["an audience that is not text", { aud: { tbg: true } }, "aud"],
    ["no expiry", { exp: undefined }, "exp"],
    ["an expiry that is not a number", { exp: "3600" }, "exp"],
    ["an expiry in the past", { exp: -30 }, "exp"],
    ["a start in the future", { nbf: 31 }, "nbf"],
    ["a start that is not a number", { nbf: "0" }, "nbf"],
    ["no subject", { sub: undefined }, "sub"],
    ["an empty subject", { sub: "" }, "sub"],
    ["a subject that is not text", { sub: 7 }, "sub"]
  ] as const)("is rejected with %s", ([, claims, reason]) =>
    Effect.gen(function* () {
      const { ec, reasonOf } = yield* issuerOfTwo()
      // `tokenBy` would check some of them.
      const token = yield* signedBytes(ec, JSON.stringify({ ...goodClaims, ...claims }))
      assert.strictEqual(yield* reasonOf(token), reason)
    })
  )

  it.effect("is rejected with an algorithm that is not configured, even if the key is published", () =>
    Effect.gen(function* () {
      const { issuer, reasonOf, rsa } = yield* issuerOfTwo({ algorithms: ["ES256"] })
      assert.strictEqual(yield* reasonOf(yield* tokenBy(rsa)), "alg")
      assert.strictEqual(issuer.asked(), 0)
    })
  )

  it.effect("is rejected without a signature, or if the public key was used as a shared secret", () =>
    Effect.gen(function* () {
      const { issuer, reasonOf, rsa } = yield* issuerOfTwo()
      const spki = yield* Effect.promise(async () => {
        const key = await importJWK(rsa.jwk, "RS256", { extractable: true })
        return key instanceof Uint8Array ? "" : exportSPKI(key)
      })
      const secrets = [spki, JSON.stringify(rsa.jwk), rsa.jwk.n ?? ""].map((text) => new TextEncoder().encode(text))
      const shared = yield* Effect.forEach(secrets, (secret) =>
        Effect.promise(() => new SignJWT(goodClaims).setProtectedHeader({ alg: "HS256", kid: "rsa" }).sign(secret))
      )
      const [, payload, signature] = (yield* tokenBy(rsa)).split(".")
      const tokens = [
        ...shared,
        new UnsecuredJWT(goodClaims).encode(),
        `${encoded({ alg: "none", kid: "rsa" })}.${payload}.`,
        `${encoded({ alg: "None" })}.${payload}.${signature}`
      ]
      assert.deepStrictEqual(
        yield* Effect.forEach(tokens, reasonOf),
        tokens.map(() => "alg")
      )
      assert.strictEqual(issuer.asked(), 0)
    })
  )

  it.effect("is rejected if its parts do not match or another key has signed it", () =>
    Effect.gen(function* () {
      const { ec, reasonOf, rsa } = yield* issuerOfTwo()
      const stranger = yield* signingKey("RS256", "rsa")
      const [header, payload, signature] = (yield* tokenBy(rsa)).split(".")
      const forged = [
        `${header}.${encoded({ ...goodClaims, sub: "admin" })}.${signature}`,
        `${encoded({ alg: "RS256", kid: "rsa", typ: "JWT" })}.${payload}.${signature}`,
        `${header}.${payload}.`,
        yield* tokenBy(stranger)
      ]
      assert.deepStrictEqual(
        yield* Effect.forEach(forged, reasonOf),
        forged.map(() => "ERR_JWS_SIGNATURE_VERIFICATION_FAILED")
      )
      // A key id alone does not make a key of another type suitable.
      assert.strictEqual(yield* reasonOf(yield* tokenBy(ec, {}, { kid: "rsa" })), "ERR_JWKS_NO_MATCHING_KEY")
    })
  )

  it.effect("is rejected if it brings its own key or an unknown critical header", () =>
    Effect.gen(function* () {
      const { reasonOf } = yield* issuerOfTwo()
      const own = yield* signingKey("ES256", "own")
      const signed = (header: object) =>
        Effect.promise(() =>
          new SignJWT(goodClaims)
            .setProtectedHeader({ alg: "ES256", jwk: own.jwk, jku: "https://evil.example", ...header })
            .sign(own.privateKey)
        )
      assert.strictEqual(yield* reasonOf(yield* signed({})), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED")
      assert.strictEqual(yield* reasonOf(yield* signed({ kid: "own" })), "ERR_JWKS_NO_MATCHING_KEY")
      const wanting = `${encoded({ alg: "ES256", kid: "ec", crit: ["new"], new: 1 })}.${encoded(goodClaims)}.AAAA`
      assert.strictEqual(yield* reasonOf(wanting), "ERR_JOSE_NOT_SUPPORTED")
    })
  )

  it.effect.each(["", ".", "..", "...", "a.b.c", "a b c", "null", "e30.e30.e30", "é.é.é", "\u0000", "x".repeat(1e6)])(
    "is rejected without a request to the issuer if it is not a token (%#)",
    (token) =>
      Effect.gen(function* () {
        const { issuer, reasonOf } = yield* issuerOfTwo()
        assert.strictEqual(yield* reasonOf(token), "alg")
        assert.strictEqual(issuer.asked(), 0)
      })
  )

  it.effect("is rejected if it is signed but not a JSON object", () =>
    Effect.gen(function* () {
      const { reasonOf, rsa } = yield* issuerOfTwo()
      for (const bytes of ["", "null", "[]", '"text"', "{", "\u00ff"]) {
        assert.strictEqual(yield* reasonOf(yield* signedBytes(rsa, bytes)), "ERR_JWT_INVALID")
      }
    })
  )

  it.effect("is rejected if no provider is configured", () =>
    Effect.gen(function* () {
      const { rsa } = yield* issuerOfTwo()
      const verify = yield* verifierOf(undefined)
      const error = yield* Effect.flip(verify(yield* tokenBy(rsa)))
      assert.strictEqual(error._tag, "NotAuthenticated")
    })
  )
})
