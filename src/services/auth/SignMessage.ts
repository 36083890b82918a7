import { secp256k1 } from "@noble/curves/secp256k1.js"
import { concatBytes } from "@noble/hashes/utils.js"
import { base64 } from "@scure/base"
import { p2wpkh } from "@scure/btc-signer/payment.js"
import { RawWitness } from "@scure/btc-signer/script.js"
import { NETWORK, TEST_NETWORK } from "@scure/btc-signer/utils.js"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"
import { hashesToSign, sighashAll, spentIdOf } from "./ToSign.ts"

const networks = {
  mainnet: NETWORK,
  testnet: TEST_NETWORK,
  signet: TEST_NETWORK,
  regtest: { ...TEST_NETWORK, bech32: "bcrt" }
}

/** Address (P2WPKH) of a secret key of 32 bytes, and its simple signatures of BIP-322. For development only. */
export const signerOf = (key: Uint8Array, network: BitcoinNetwork) => {
  const publicKey = secp256k1.getPublicKey(key, true)
  const { address, hash, script } = p2wpkh(publicKey, networks[network])
  return {
    address,
    sign: (message: string): string => {
      const hashes = hashesToSign(spentIdOf(script, message), { version: 0, sequence: 0, lockTime: 0 })
      const signature = secp256k1.sign(hashes.keyHash(hash), key, { prehash: false, format: "der" })
      return base64.encode(RawWitness.encode([concatBytes(signature, Uint8Array.of(sighashAll)), publicKey]))
    }
  }
}
