import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { ApiKeyId } from "../../src/domain/ApiKey.ts"
import { idOfToken, makeToken, tokenFormat } from "../../src/services/apiKeys/Token.ts"

const id = ApiKeyId.make("0190f5a2-b3c4-7d5e-8f60-718293a4b5c6")

/** Draws the letters from c to z in turn, of all 62 characters. */
const drawLetters = () => {
  let drawn = 0
  return (bound: number) => {
    assert.strictEqual(bound, 62)
    return 38 + (drawn++ % 24)
  }
}

/** Its checksum is computed by another program. */
const known = "tbg_0190f5a2b3c47d5e8f60718293a4b5c6_cdefghijklmnopqrstuvwxyzcdefghij2dlezJ"

describe("a token", () => {
  it("consists of its id, a secret of equally likely characters, and the checksum of both", () => {
    assert.strictEqual(Redacted.value(makeToken(id, drawLetters())), known)
    assert.strictEqual(idOfToken(known), id)
  })

  it("is written as its label in logs", () => {
    assert.strictEqual(JSON.stringify(makeToken(id, drawLetters())), `"<redacted:API key>"`)
  })

  it("names no id if it has another prefix, another checksum or more characters", () => {
    const ofSession = Redacted.value(tokenFormat("tbs", "session", ApiKeyId).make(id, drawLetters()))
    assert.strictEqual(ofSession, "tbs_0190f5a2b3c47d5e8f60718293a4b5c6_cdefghijklmnopqrstuvwxyzcdefghij24uyD9")
    const longer = "tbg_0190f5a2b3c47d5e8f60718293a4b5c6_cdefghijklmnopqrstuvwxyzcdefghij0320TJG"
    for (const token of [ofSession, `${known.slice(0, -1)}K`, longer]) assert.isUndefined(idOfToken(token))
  })
})
