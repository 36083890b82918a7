import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js"
import { base64 } from "@scure/base"
import { p2pkh, p2sh, p2tr, p2wpkh, WIF } from "@scure/btc-signer/payment.js"
import { RawTx, RawWitness, Script } from "@scure/btc-signer/script.js"
import { NETWORK, taprootTweakPrivKey, TEST_NETWORK } from "@scure/btc-signer/utils.js"
import { Result } from "effect"
import type { BitcoinNetwork } from "../../src/domain/Bitcoin.ts"
import { hashOfMessage } from "../../src/services/auth/Bip137.ts"
import { hashesToSign, spentIdOf } from "../../src/services/auth/ToSign.ts"
import { decodeAddress } from "../../src/services/bitcoin/Address.ts"

const networks = {
  mainnet: NETWORK,
  testnet: TEST_NETWORK,
  signet: TEST_NETWORK,
  regtest: { bech32: "bcrt", pubKeyHash: 0x6f, scriptHash: 0xc4, wif: 0xef }
}

export const walletKinds = ["p2pkh", "p2pkh-uncompressed", "p2sh", "p2wpkh", "p2tr"] as const
export type WalletKind = (typeof walletKinds)[number]

/** Fields of a full signature. */
const chosenByDefault = { version: 0, sequence: 0, lockTime: 0 }

/** Parts of a signature that a test changes. */
export interface Changes {
  readonly version?: number
  readonly sequence?: number
  readonly lockTime?: number
  /** Last byte of the signature; of taproot, an additional byte. */
  readonly type?: number
  /** Changes the bytes of the signature, without its type. */
  readonly signature?: (bytes: Uint8Array) => Uint8Array
}

/** A key that signs messages as wallets do, for an address of each kind. */
export const walletOf = (secret: string, network: BitcoinNetwork = "mainnet") => {
  const key = sha256(utf8ToBytes(secret))
  const compressed = secp256k1.getPublicKey(key, true)
  const payments = {
    p2pkh: () => p2pkh(compressed, networks[network]),
    "p2pkh-uncompressed": () => p2pkh(secp256k1.getPublicKey(key, false), networks[network]),
    p2sh: () => p2sh(p2wpkh(compressed), networks[network]),
    p2wpkh: () => p2wpkh(compressed, networks[network]),
    p2tr: () => p2tr(schnorr.getPublicKey(key), undefined, networks[network])
  }
  const address = (kind: WalletKind) => Result.getOrThrow(decodeAddress(payments[kind]().address, network))
  const publicKey = (kind: WalletKind) => secp256k1.getPublicKey(key, kind !== "p2pkh-uncompressed")

  /** The input of `to_sign`. */
  const input = (kind: WalletKind, message: string, changes: Changes) => {
    const { script, program } = address(kind)
    const { signature: change = (bytes: Uint8Array) => bytes } = changes
    const hashes = hashesToSign(spentIdOf(script, message), { ...chosenByDefault, ...changes })
    const none = new Uint8Array()
    if (kind === "p2tr") {
      const bytes = schnorr.sign(
        hashes.taproot(script, changes.type ?? 0),
        taprootTweakPrivKey(key),
        new Uint8Array(32)
      )
      const type = changes.type === undefined ? none : Uint8Array.of(changes.type)
      return { scriptSig: none, witness: [concatBytes(change(bytes), type)] }
    }
    const { hash = program } = kind === "p2sh" ? p2wpkh(compressed) : {}
    const isLegacy = kind === "p2pkh" || kind === "p2pkh-uncompressed"
    const digest = isLegacy ? hashes.legacy(script) : hashes.keyHash(hash)
    const bytes = secp256k1.sign(digest, key, { prehash: false, format: "der" })
    const pair = [concatBytes(change(bytes), Uint8Array.of(changes.type ?? 1)), publicKey(kind)]
    if (isLegacy) return { scriptSig: Script.encode(pair), witness: [] }
    return {
      scriptSig: kind === "p2sh" ? Script.encode([concatBytes(Uint8Array.of(0, 20), hash)]) : none,
      witness: pair
    }
  }

  return {
    address,
    publicKey,
    /** The key in the form in which wallets export it. */
    wif: WIF(networks[network]).encode(key),
    input,
    simple: (kind: WalletKind, message: string, changes: Changes = {}): string =>
      base64.encode(RawWitness.encode(input(kind, message, changes).witness)),
    transaction: (kind: WalletKind, message: string, changes: Changes = {}) => {
      const { scriptSig, witness } = input(kind, message, changes)
      const { lockTime, sequence, version } = { ...chosenByDefault, ...changes }
      const txid = spentIdOf(address(kind).script, message)
      return {
        version,
        segwitFlag: witness.length > 0,
        inputs: [{ txid, index: 0, finalScriptSig: scriptSig, sequence }],
        outputs: [{ amount: 0n, script: Uint8Array.of(0x6a) }],
        witnesses: witness.length > 0 ? [witness] : undefined,
        lockTime
      }
    },
    full: (transaction: Parameters<typeof RawTx.encode>[0]): string => base64.encode(RawTx.encode(transaction)),
    /** Header, then 64 bytes. Without a header, that of a compressed key of P2PKH. */
    bip137: (message: string, header?: number): string => {
      const recovered = secp256k1.sign(hashOfMessage(message), key, { prehash: false, format: "recovered" })
      const [recovery = 0, ...compact] = recovered
      return base64.encode(Uint8Array.of(header ?? 31 + recovery, ...compact))
    },
    recovery: (message: string): number =>
      secp256k1.sign(hashOfMessage(message), key, { prehash: false, format: "recovered" })[0] ?? 0
  }
}

export type Wallet = ReturnType<typeof walletOf>
