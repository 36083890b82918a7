import { assert, describe, it } from "@effect/vitest"
import { base64, base64url } from "@scure/base"
import { Result } from "effect"
import type { BitcoinNetwork } from "../../../src/domain/Bitcoin.ts"
import type { Verification } from "../../../src/services/auth/Verification.ts"
import { verifySignature } from "../../../src/services/auth/VerifySignature.ts"
import { decodeAddress } from "../../../src/services/bitcoin/Address.ts"
import { walletKinds, walletOf } from "../../support/Wallet.ts"
import type { WalletKind } from "../../support/Wallet.ts"

const message = "tbg.example wants you to sign in with your Bitcoin account:\n測試 \u{1F604}"
const wallet = walletOf("matrix")

const outcomeOf = (kind: WalletKind, signature: string, acceptBip137 = true) =>
  verifySignature({ address: wallet.address(kind), message, signature, acceptBip137 }).outcome

const simple = (kind: WalletKind) => wallet.simple(kind, message)
const full = (kind: WalletKind) => wallet.full(wallet.transaction(kind, message))

describe("verifySignature, by format and kind of address", () => {
  type Outcome = Verification["outcome"]
  const rows: ReadonlyArray<[WalletKind, simple: Outcome, full: Outcome, bip137: Outcome, bip137Off: Outcome]> = [
    ["p2pkh", "invalid", "valid", "valid", "valid"],
    ["p2pkh-uncompressed", "invalid", "valid", "valid", "valid"],
    ["p2sh", "valid", "valid", "valid", "inconclusive"],
    ["p2wpkh", "valid", "valid", "valid", "inconclusive"],
    ["p2tr", "valid", "valid", "inconclusive", "inconclusive"]
  ]

  it.each(rows)("of %s gives %s, %s, %s, and %s without BIP-137", (kind, ...expected) => {
    // The witness of P2PKH is empty, so a wallet could at most send that of P2WPKH.
    const witness = wallet.simple(kind.startsWith("p2pkh") ? "p2wpkh" : kind, message)
    const bip137 = wallet.bip137(message)
    const found = [
      outcomeOf(kind, witness),
      outcomeOf(kind, full(kind)),
      outcomeOf(kind, bip137),
      outcomeOf(kind, bip137, false)
    ]
    assert.deepStrictEqual(found, expected)
  })

  it.each(walletKinds)("of %s takes the key from the recovery id of the header, and ignores the rest", (kind) => {
    const recovery = wallet.recovery(message)
    const found = Array.from({ length: 256 }, (_, header) => outcomeOf(kind, wallet.bip137(message, header)))
    const expected = Array.from({ length: 256 }, (_, header) => {
      if (header < 27 || header > 42) return "invalid"
      if (kind === "p2tr") return "inconclusive"
      return (header - 27) % 4 === recovery ? "valid" : "invalid"
    })
    assert.deepStrictEqual(found, expected)
  })

  it("treats BIP-137 as inconclusive for scripts", () => {
    const address = Result.getOrThrow(
      decodeAddress("bc1qp0ahvfh83088w49k405szqgg4f3pptr7p2g06tdxfjcd40z4lh4q95lsz9", "mainnet")
    )
    const signature = wallet.bip137(message)
    assert.strictEqual(verifySignature({ address, message, signature, acceptBip137: true }).outcome, "inconclusive")
  })

  it("rejects the signature of one kind of address for another kind of the same key", () => {
    for (const signed of walletKinds) {
      for (const kind of walletKinds.filter((kind) => kind !== signed)) {
        assert.notStrictEqual(outcomeOf(kind, simple(signed)), "valid", `${signed} for ${kind}`)
        assert.notStrictEqual(outcomeOf(kind, full(signed)), "valid", `${signed} for ${kind}`)
      }
    }
  })
})

describe("verifySignature, by the text of the signature", () => {
  const witness = simple("p2wpkh")
  const transaction = full("p2wpkh")
  /** Ends in one "=", before which two bits are unused. */
  const padded = wallet.bip137(message)
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  const successor = alphabet.charAt(alphabet.indexOf(padded.at(-2) ?? "") + 1)
  const rows: ReadonlyArray<[title: string, outcome: string, kind: WalletKind, signature: string]> = [
    ["prefix smp", "valid", "p2wpkh", `smp${witness}`],
    ["prefix ful", "valid", "p2wpkh", `ful${transaction}`],
    ["prefix pof", "inconclusive", "p2wpkh", `pof${transaction}`],
    ["prefix smp before a transaction", "invalid", "p2wpkh", `smp${transaction}`],
    ["prefix ful before a witness", "invalid", "p2wpkh", `ful${witness}`],
    ["prefix smp before BIP-137", "invalid", "p2wpkh", `smp${wallet.bip137(message)}`],
    ["prefix ful before BIP-137", "invalid", "p2pkh", `ful${wallet.bip137(message)}`],
    ["two prefixes", "invalid", "p2wpkh", `smpsmp${witness}`],
    ["a prefix in upper case", "invalid", "p2wpkh", `SMP${witness}`],
    ["white space around", "valid", "p2wpkh", ` \r\n\tsmp${witness}\r\n `],
    ["white space inside", "invalid", "p2wpkh", `${witness.slice(0, 64)}\n${witness.slice(64)}`],
    ["white space after the prefix", "invalid", "p2wpkh", `smp ${witness}`],
    ["base64url", "invalid", "p2tr", base64url.encode(new Uint8Array(66).fill(0xff))],
    ["no padding", "invalid", "p2pkh", padded.replaceAll("=", "")],
    ["another last character with the same bytes", "invalid", "p2pkh", `${padded.slice(0, -2)}${successor}=`],
    ["hexadecimal", "invalid", "p2wpkh", Buffer.from(base64.decode(witness)).toString("hex")],
    ["nothing", "invalid", "p2wpkh", ""],
    ["a prefix alone", "invalid", "p2wpkh", "smp"],
    ["an empty witness", "invalid", "p2wpkh", "AA=="],
    ["an empty witness of P2SH", "invalid", "p2sh", "AA=="],
    ["an empty witness of taproot", "invalid", "p2tr", "AA=="],
    ["an item of the witness that ends early", "invalid", "p2wpkh", base64.encode(Uint8Array.of(1, 2, 3))],
    ["a byte behind the witness", "invalid", "p2wpkh", base64.encode(Uint8Array.of(...base64.decode(witness), 0))],
    [
      "a count of items that is not minimal",
      "invalid",
      "p2wpkh",
      base64.encode(Uint8Array.of(0xfd, 2, 0, ...base64.decode(witness).slice(1)))
    ],
    ["spaces up to 4096 characters", "valid", "p2wpkh", witness.padEnd(4096)],
    ["spaces up to 4097 characters", "invalid", "p2wpkh", witness.padEnd(4097)],
    ["a PSBT without prefix", "inconclusive", "p2wpkh", "cHNidP8AAA=="]
  ]

  it.each(rows)("with %s is %s", (_, outcome, kind, signature) =>
    assert.strictEqual(outcomeOf(kind, signature), outcome)
  )
})

describe("verifySignature, by network", () => {
  const networks: ReadonlyArray<BitcoinNetwork> = ["mainnet", "testnet", "signet", "regtest"]

  it.each(networks)("accepts addresses of %s", (network) => {
    const wallet = walletOf("networks", network)
    const found = walletKinds.map((kind) => {
      const signature = wallet.full(wallet.transaction(kind, message))
      return verifySignature({ address: wallet.address(kind), message, signature, acceptBip137: false }).outcome
    })
    assert.deepStrictEqual(
      found,
      walletKinds.map(() => "valid")
    )
  })

  it("accepts an address in upper case", () => {
    const text = wallet.address("p2tr").text.toUpperCase()
    const address = Result.getOrThrow(decodeAddress(text, "mainnet"))
    const signature = simple("p2tr")
    assert.strictEqual(verifySignature({ address, message, signature, acceptBip137: true }).outcome, "valid")
  })
})
