import { assert, describe, it } from "@effect/vitest"
import { default as fc } from "fast-check"
import { createHmac } from "node:crypto"
import { makeHmac } from "../../src/services/Secrets.ts"

describe("makeHmac", () => {
  // RFC 4231, case 2.
  it("is HMAC-SHA-256", () => {
    const expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert.strictEqual(makeHmac("Jefe")("what do ya want for nothing?").toString("hex"), expected)
  })

  it("says what Node's own says, for keys and messages about the length of a block and any others", () => {
    const texts = fc.string({ unit: "binary", maxLength: 200 })
    fc.assert(
      fc.property(texts, texts, (secret, message) => {
        const expected = createHmac("sha256", secret).update(message).digest("hex")
        assert.strictEqual(makeHmac(secret)(message).toString("hex"), expected)
      })
    )
  })
})
