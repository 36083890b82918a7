import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Secrets } from "../../src/services/Secrets.ts"
import { secretsOf } from "../support/MigratedServices.ts"

const old = "the secret of these tests, 32 or more"
const young = "the new secret, of 32 characters or so"

const secretsUnder = (current: string, previous?: string) => Effect.provide(Secrets, secretsOf(current, previous))

/** Values from earlier versions: stored API keys and callers' cursors stay valid only while these verify. */
const signatures = [
  {
    secret: old,
    apiKey: "d2ea74601112d952893e649f0de7c792773aad149faf0217d73e35bbd154d453",
    cursor: "b8f457586d0127caebbd6db3ff0d883a"
  },
  {
    secret: `${"x".repeat(100)}é`,
    apiKey: "be71b90c0aedceb6368237306cf6ff23b8307a225acc8444f11211835db2104f",
    cursor: "2f31eb64a1707a255532fab3f47b9202"
  }
]

describe("Secrets", () => {
  it.effect.each(signatures)("signs as earlier versions did, under $secret", ({ apiKey, cursor, secret }) =>
    Effect.gen(function* () {
      const { sign } = yield* secretsUnder(secret)
      assert.strictEqual(Buffer.from(sign("api-key", "tbg_example")).toString("hex"), apiKey)
      assert.strictEqual(Buffer.from(sign("cursor", "team text")).toString("hex"), cursor)
    })
  )

  it.effect("verifies under the current secret, then under the previous one", () =>
    Effect.gen(function* () {
      const signature = (yield* secretsUnder(old)).sign("api-key", "a message")
      assert.strictEqual((yield* secretsUnder(old, young)).verify("api-key", "a message", signature), "current")
      assert.strictEqual((yield* secretsUnder(young, old)).verify("api-key", "a message", signature), "previous")
      assert.isUndefined((yield* secretsUnder(young)).verify("api-key", "a message", signature))
    })
  )

  it.effect("rejects another message, purpose, byte or length", () =>
    Effect.gen(function* () {
      const { sign, verify } = yield* secretsUnder(old)
      const signature = sign("api-key", "a message")
      assert.isUndefined(verify("api-key", "another message", signature))
      assert.isUndefined(verify("cursor", "a message", signature))
      assert.isUndefined(verify("cursor", "a message", signature.subarray(0, 16)))
      for (const [at, byte] of signature.entries()) {
        const changed = Uint8Array.from(signature).with(at, byte ^ 1)
        assert.isUndefined(verify("api-key", "a message", changed))
      }
      assert.isUndefined(verify("api-key", "a message", signature.subarray(0, 31)))
      assert.isUndefined(verify("api-key", "a message", Buffer.concat([signature, Buffer.of(0)])))
    })
  )
})
