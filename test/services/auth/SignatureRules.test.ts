import { assert, describe, it } from "@effect/vitest"
import { secp256k1 } from "@noble/curves/secp256k1.js"
import { base64 } from "@scure/base"
import { RawWitness, Script } from "@scure/btc-signer/script.js"
import type { Verification } from "../../../src/services/auth/Verification.ts"
import { verifySignature } from "../../../src/services/auth/VerifySignature.ts"
import { walletOf } from "../../support/Wallet.ts"
import type { Changes, WalletKind } from "../../support/Wallet.ts"

const message = "rules"
const wallet = walletOf("rules")

const outcomeOf = (kind: WalletKind, signature: string) =>
  verifySignature({ address: wallet.address(kind), message, signature, acceptBip137: true }).outcome

type Outcome = Verification["outcome"]

const { n } = secp256k1.Point.CURVE()
const withHighS = (bytes: Uint8Array): Uint8Array => {
  const { r, s } = secp256k1.Signature.fromBytes(bytes, "der")
  return new secp256k1.Signature(r, n - s).toBytes("der")
}

/** Rewrites the two numbers of a DER signature: a sequence of integers, whose lengths have one byte. */
const derOf = (change: (r: Uint8Array, s: Uint8Array) => ReadonlyArray<number>) => (bytes: Uint8Array) => {
  const rEnd = 4 + (bytes[3] ?? 0)
  const body = change(bytes.subarray(4, rEnd), bytes.subarray(rEnd + 2))
  return Uint8Array.of(0x30, body.length, ...body)
}
const integer = (bytes: Iterable<number>) => [2, [...bytes].length, ...bytes]

describe("the rules for ECDSA in BIP-322", () => {
  const rows: ReadonlyArray<[title: string, changes: Changes]> = [
    ["a high S", { signature: withHighS }],
    ["type SIGHASH_NONE", { type: 2 }],
    ["type SIGHASH_SINGLE", { type: 3 }],
    ["type SIGHASH_ALL with ANYONECANPAY", { type: 0x81 }],
    ["type 0", { type: 0 }],
    ["a leading zero of R", { signature: derOf((r, s) => [...integer([0, ...r]), ...integer(s)]) }],
    ["a leading zero of S", { signature: derOf((r, s) => [...integer(r), ...integer([0, ...s])]) }],
    ["R = 0", { signature: derOf((_, s) => [...integer([0]), ...integer(s)]) }],
    ["S = 0", { signature: derOf((r) => [...integer(r), ...integer([0])]) }],
    ["an empty R", { signature: derOf((_, s) => [...integer([]), ...integer(s)]) }],
    ["a negative S", { signature: derOf((r) => [...integer(r), ...integer([0x80])]) }],
    ["a byte behind S", { signature: derOf((r, s) => [...integer(r), ...integer(s), 0]) }],
    ["a byte behind the sequence", { signature: (bytes) => Uint8Array.of(...bytes, 0) }],
    ["a long form of the length", { signature: (bytes) => Uint8Array.of(0x30, 0x81, ...bytes.subarray(1)) }],
    ["a sequence of another tag", { signature: (bytes) => Uint8Array.of(0x31, ...bytes.subarray(1)) }],
    [
      "64 bytes instead of DER",
      { signature: (bytes) => secp256k1.Signature.fromBytes(bytes, "der").toBytes("compact") }
    ],
    ["no bytes", { signature: () => new Uint8Array() }]
  ]

  it.each(rows)("reject %s", (_, changes) => {
    const found = [
      outcomeOf("p2wpkh", wallet.simple("p2wpkh", message, changes)),
      outcomeOf("p2sh", wallet.simple("p2sh", message, changes)),
      outcomeOf("p2pkh", wallet.full(wallet.transaction("p2pkh", message, changes)))
    ]
    assert.deepStrictEqual(found, ["invalid", "invalid", "invalid"])
  })
})

describe("the rules for taproot in BIP-322", () => {
  const rows: ReadonlyArray<[title: string, outcome: Outcome, changes: Changes]> = [
    ["accept the type SIGHASH_ALL", "valid", { type: 1 }],
    ["reject a type SIGHASH_DEFAULT that is written", "invalid", { type: 0, signature: (bytes) => bytes }],
    ["reject the type SIGHASH_SINGLE with ANYONECANPAY", "invalid", { type: 0x83 }],
    ["reject a signature of 63 bytes", "invalid", { signature: (bytes) => bytes.subarray(1) }],
    ["reject a signature of 66 bytes", "invalid", { type: 1, signature: (bytes) => Uint8Array.of(...bytes, 1) }]
  ]

  it.each(rows)("%s", (_, outcome, changes) =>
    assert.strictEqual(outcomeOf("p2tr", wallet.simple("p2tr", message, changes)), outcome)
  )

  it("treat an annex as inconclusive", () => {
    const { witness } = wallet.input("p2tr", message, {})
    const signature = base64.encode(RawWitness.encode([...witness, Uint8Array.of(0x50)]))
    assert.strictEqual(outcomeOf("p2tr", signature), "inconclusive")
  })
})

describe("the rules for keys and scripts in BIP-322", () => {
  const { witness } = wallet.input("p2wpkh", message, {})
  const [signature = new Uint8Array()] = witness
  const simple = (...items: ReadonlyArray<Uint8Array>) => base64.encode(RawWitness.encode([...items]))
  const withScript = (kind: WalletKind, script: Uint8Array) => {
    const transaction = wallet.transaction(kind, message)
    const inputs = transaction.inputs.map((input) => ({ ...input, finalScriptSig: script }))
    return wallet.full({ ...transaction, inputs })
  }
  const legacy = wallet.input("p2pkh", message, {}).scriptSig
  const [ofLegacy = 0, keyOfLegacy = 0] = Script.decode(legacy)
  const uncompressed = wallet.publicKey("p2pkh-uncompressed")
  const hybrid = Uint8Array.of(6 + ((uncompressed[64] ?? 0) % 2), ...uncompressed.subarray(1))
  const redeem = wallet.input("p2sh", message, {}).scriptSig

  const rows: ReadonlyArray<[title: string, outcome: Outcome, kind: WalletKind, signature: string]> = [
    ["an uncompressed key of P2WPKH", "invalid", "p2wpkh", simple(signature, uncompressed)],
    ["a witness of one item", "invalid", "p2wpkh", simple(signature)],
    ["a witness of three items", "invalid", "p2wpkh", simple(...witness, new Uint8Array())],
    ["a script beside the witness of P2WPKH", "invalid", "p2wpkh", withScript("p2wpkh", Uint8Array.of(0x51))],
    ["a script beside the witness of P2TR", "invalid", "p2tr", withScript("p2tr", Uint8Array.of(0x51))],
    ["no redeem script", "invalid", "p2sh", withScript("p2sh", new Uint8Array())],
    [
      "a redeem script that is pushed by PUSHDATA1",
      "inconclusive",
      "p2sh",
      withScript("p2sh", Uint8Array.of(0x4c, ...redeem))
    ],
    [
      "the redeem script of another key",
      "invalid",
      "p2sh",
      withScript("p2sh", Uint8Array.of(...redeem.subarray(0, 22), 0))
    ],
    [
      "a hybrid key",
      "invalid",
      "p2pkh-uncompressed",
      withScript("p2pkh-uncompressed", Script.encode([ofLegacy, hybrid]))
    ],
    ["three pushes of P2PKH", "invalid", "p2pkh", withScript("p2pkh", Uint8Array.of(0x51, ...legacy))],
    ["a push of P2PKH by PUSHDATA1", "invalid", "p2pkh", withScript("p2pkh", Uint8Array.of(0x4c, ...legacy))],
    [
      "an opcode in place of the signature",
      "invalid",
      "p2pkh",
      withScript("p2pkh", Script.encode(["DUP", keyOfLegacy]))
    ],
    ["a script that ends early", "invalid", "p2pkh", withScript("p2pkh", legacy.subarray(0, -1))]
  ]

  it.each(rows)("find %s %s", (_, outcome, kind, signature) => assert.strictEqual(outcomeOf(kind, signature), outcome))
})
