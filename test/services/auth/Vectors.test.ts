import { assert, describe, it } from "@effect/vitest"
import { Transaction } from "@scure/btc-signer/transaction.js"
import { Result, Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { messageHashOf, spentIdOf } from "../../../src/services/auth/ToSign.ts"
import { verifySignature } from "../../../src/services/auth/VerifySignature.ts"
import { decodeAddress } from "../../../src/services/bitcoin/Address.ts"

const Signed = Schema.Struct({
  message: Schema.String,
  address: Schema.String,
  type: Schema.String,
  bip322_signatures: Schema.Array(Schema.String)
})
const Erroneous = Schema.Struct({
  description: Schema.String,
  message: Schema.String,
  address: Schema.String,
  signature: Schema.String
})
const Hashed = Schema.Struct({
  message: Schema.String,
  address: Schema.String,
  message_hash: Schema.String,
  to_spend_tx_hash: Schema.String,
  to_sign_tx_hash: Schema.String
})
const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.Array(schema))
const Vectors = Schema.Struct({
  tx_hashes: optional(Hashed),
  simple: Schema.Array(Signed),
  full: optional(Signed),
  proof_of_funds: optional(Signed),
  error: Schema.Array(Erroneous)
})

const folder = join(import.meta.dirname, "../../fixtures/bip-0322")
const [basic, generated] = ["basic-test-vectors.json", "generated-test-vectors.json"].map((name) =>
  Schema.decodeUnknownSync(Schema.fromJsonString(Vectors))(readFileSync(join(folder, name), "utf8"))
)
const every = [basic, generated].filter((vectors) => vectors !== undefined)

const addressOf = (text: string) => Result.getOrThrow(decodeAddress(text, "mainnet"))
const outcomeOf = (address: string, message: string, signature: string) =>
  verifySignature({ address: addressOf(address), message, signature, acceptBip137: true }).outcome

const isSupported = (type: string): boolean => ["p2pkh", "p2sh-p2wpkh", "p2wpkh", "p2tr"].includes(type)

const signed = every.flatMap(({ full = [], simple }) =>
  [...simple, ...full].flatMap(({ address, bip322_signatures, message, type }) =>
    bip322_signatures.map((signature) => ({ type, address, message, signature }))
  )
)
const erroneous = every.flatMap(({ error }) => error)
/** Error vectors of scripts that are not supported name the script, or their address does. */
const isOfAnotherType = ({ address, description }: typeof Erroneous.Type): boolean =>
  addressOf(address).kind === "p2wsh" || /multisig|time-lock/u.test(description)

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

describe("the vectors of BIP-322", () => {
  it("are complete", () => {
    assert.deepStrictEqual([signed.length, erroneous.length], [20, 36])
  })

  it.each(basic?.tx_hashes ?? [])("give the hashes and ids of message $message", (vector) => {
    const spentId = spentIdOf(addressOf(vector.address).script, vector.message)
    const toSign = new Transaction({ version: 0, allowUnknownOutputs: true })
    toSign.addInput({ txid: spentId, index: 0, sequence: 0 })
    toSign.addOutput({ amount: 0n, script: Uint8Array.of(0x6a) })
    assert.deepStrictEqual(
      [hex(messageHashOf(vector.message)), hex(spentId), toSign.id],
      [vector.message_hash, vector.to_spend_tx_hash, vector.to_sign_tx_hash]
    )
  })

  it.each(signed.filter(({ type }) => isSupported(type)))(
    "are valid for $type: $signature",
    ({ address, message, signature }) => assert.strictEqual(outcomeOf(address, message, signature), "valid")
  )

  it.each(signed.filter(({ type }) => !isSupported(type)))(
    "are inconclusive for $type: $signature",
    ({ address, message, signature }) => assert.strictEqual(outcomeOf(address, message, signature), "inconclusive")
  )

  it.each(every.flatMap(({ proof_of_funds = [] }) => proof_of_funds))(
    "are inconclusive for a proof of funds of $address, with and without its prefix",
    ({ address, bip322_signatures: [signature = ""], message }) => {
      assert.strictEqual(outcomeOf(address, message, signature), "inconclusive")
      assert.strictEqual(outcomeOf(address, message, signature.slice(3)), "inconclusive")
    }
  )

  it.each(erroneous.filter((vector) => !isOfAnotherType(vector)))(
    "are invalid: $description",
    ({ address, message, signature }) => assert.strictEqual(outcomeOf(address, message, signature), "invalid")
  )

  it.each(erroneous.filter(isOfAnotherType))("are inconclusive: $description", ({ address, message, signature }) =>
    assert.strictEqual(outcomeOf(address, message, signature), "inconclusive")
  )
})
