import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { issuerOfTwo, verifierOf } from "../support/TokenVerifier.ts"
import { answering, goodClaims, signedBytes, signingKey, testIssuer, tokenBy } from "../support/Tokens.ts"

describe("a token", () => {
  it.effect.each(["rsa", "ec"] as const)("is accepted if it is signed by a published key: %s", (kind) =>
    Effect.gen(function* () {
      const { verify, ...keys } = yield* issuerOfTwo()
      const claims = { email: "a@example.com", roles: ["player"], user_metadata: { name: "Ada" } }
      assert.deepStrictEqual(yield* verify(yield* tokenBy(keys[kind], claims)), {
        subject: "user-1",
        provider: "custom",
        claims: { ...goodClaims, ...claims }
      })
    })
  )

  it.effect("is accepted for one of several audiences, and for any audience if none is configured", () =>
    Effect.gen(function* () {
      const { rsa, verify } = yield* issuerOfTwo()
      assert.strictEqual((yield* verify(yield* tokenBy(rsa, { aud: ["other", "tbg"] }))).subject, "user-1")
      const any = yield* issuerOfTwo({ audience: undefined })
      assert.strictEqual((yield* any.verify(yield* tokenBy(any.rsa, { aud: undefined }))).subject, "user-1")
    })
  )

  it.effect("is accepted up to 30 seconds before and after its time", () =>
    Effect.gen(function* () {
      const { reasonOf, rsa, verify } = yield* issuerOfTwo()
      const token = yield* tokenBy(rsa, { nbf: 1000, exp: 2000 })
      yield* TestClock.adjust("969 seconds")
      assert.strictEqual(yield* reasonOf(token), "nbf")
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* verify(token)).subject, "user-1")
      yield* TestClock.adjust("1059 seconds")
      assert.strictEqual((yield* verify(token)).subject, "user-1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* reasonOf(token), "exp")
    })
  )

  it.effect("is accepted without a key id if any suitable key has signed it", () =>
    Effect.gen(function* () {
      const [first, second, third] = yield* Effect.all([
        signingKey("RS256", "a"),
        signingKey("RS256", "b"),
        signingKey("RS256", undefined)
      ])
      const stranger = yield* signingKey("RS256", undefined)
      const verify = yield* verifierOf(testIssuer(answering(first, second, third)).tokens)
      for (const key of [first, second, third]) {
        assert.strictEqual((yield* verify(yield* tokenBy(key, {}, { kid: undefined }))).subject, "user-1")
      }
      const { _tag } = yield* Effect.flip(verify(yield* tokenBy(stranger)))
      assert.strictEqual(_tag, "NotAuthenticated")
    })
  )

  it.effect("is accepted if other keys of the set are not understood", () =>
    Effect.gen(function* () {
      const rsa = yield* signingKey("RS256", "rsa")
      const strange = [
        null,
        "key",
        { kty: "quantum", kid: "q" },
        { kty: "RSA" },
        { kty: "oct", k: "c2VjcmV0", kid: "s" }
      ]
      const verify = yield* verifierOf(testIssuer(Effect.succeed({ keys: [...strange, rsa.jwk] })).tokens)
      assert.strictEqual((yield* verify(yield* tokenBy(rsa))).subject, "user-1")
    })
  )

  it.effect("is accepted by a key whose optional members are null", () =>
    Effect.gen(function* () {
      const rsa = yield* signingKey("RS256", "rsa")
      const published = { ...rsa.jwk, use: null, alg: null, key_ops: null }
      const verify = yield* verifierOf(testIssuer(Effect.succeed({ keys: [published] })).tokens)
      assert.strictEqual((yield* verify(yield* tokenBy(rsa))).subject, "user-1")
    })
  )

  it.effect.each([
    ["Ed25519", "Ed25519"],
    ["Ed25519", "EdDSA"],
    ["EdDSA", "Ed25519"],
    ["EdDSA", undefined]
  ] as const)("is accepted with the algorithm %s by a key published for %s", ([alg, published]) =>
    Effect.gen(function* () {
      const key = yield* signingKey(alg, "edwards")
      const keySet = Effect.succeed({ keys: [{ ...key.jwk, ...(published === undefined ? {} : { alg: published }) }] })
      const verify = yield* verifierOf(testIssuer(keySet, { algorithms: [alg] }).tokens)
      assert.strictEqual((yield* verify(yield* tokenBy(key))).subject, "user-1")
      const other = testIssuer(keySet, { algorithms: [alg === "EdDSA" ? "Ed25519" : "EdDSA"] })
      const refused = yield* Effect.flip((yield* verifierOf(other.tokens))(yield* tokenBy(key)))
      assert.deepInclude(refused, { _tag: "NotAuthenticated", reason: "alg" })
    })
  )

  it.effect("keeps its claims unchanged, whatever their names", () =>
    Effect.gen(function* () {
      const { rsa, verify } = yield* issuerOfTwo()
      const text = JSON.stringify(goodClaims).replace("{", '{"__proto__":{"admin":true},"constructor":1,')
      const { claims } = yield* verify(yield* signedBytes(rsa, text))
      assert.deepStrictEqual(JSON.parse(JSON.stringify(claims)), JSON.parse(text))
      assert.isFalse("admin" in claims)
    })
  )
})
