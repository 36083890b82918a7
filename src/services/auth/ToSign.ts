import { schnorr } from "@noble/curves/secp256k1.js"
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js"
import { RawOldTx } from "@scure/btc-signer/script.js"
import { Transaction } from "@scure/btc-signer/transaction.js"
import { equalBytes, sha256x2 } from "@scure/btc-signer/utils.js"
import { keyHashScript } from "../bitcoin/Address.ts"
import type { SentTransaction } from "./SignatureText.ts"

/** SIGHASH_ALL, the only type that BIP-322 allows. A taproot signature without a type byte signs the same data. */
export const sighashAll = 1

/** OP_RETURN, the script of the only output of `to_sign`. */
const opReturn = Uint8Array.of(0x6a)

export const messageHashOf = (message: string): Uint8Array =>
  schnorr.utils.taggedHash("BIP0322-signed-message", utf8ToBytes(message))

/** Id of the virtual transaction `to_spend`, whose output `to_sign` spends. */
export const spentIdOf = (script: Uint8Array, message: string): Uint8Array => {
  const finalScriptSig = concatBytes(Uint8Array.of(0, 32), messageHashOf(message))
  const input = { txid: new Uint8Array(32), index: 0xffffffff, finalScriptSig, sequence: 0 }
  const output = { amount: 0n, script }
  return sha256x2(RawOldTx.encode({ version: 0, inputs: [input], outputs: [output], lockTime: 0 })).toReversed()
}

/** Whether a transaction is `to_sign`, apart from the fields that a signer may choose. */
export const isToSign = ({ inputs, outputs }: SentTransaction, spentId: Uint8Array): boolean => {
  const [input] = inputs
  const [output] = outputs
  if (input === undefined || output === undefined || inputs.length !== 1 || outputs.length !== 1) return false
  const isInput = input.index === 0 && equalBytes(input.txid, spentId)
  return isInput && output.amount === 0n && equalBytes(output.script, opReturn)
}

/** Fields of `to_sign` that the signer of a full signature chooses. In a simple one they are 0. */
export interface Chosen {
  readonly version: number
  readonly sequence: number
  readonly lockTime: number
}

/** Hashes that a signature of `to_sign` signs. */
export const hashesToSign = (spentId: Uint8Array, { lockTime, sequence, version }: Chosen) => {
  const input = { txid: spentId, index: 0, sequence }
  const output = { amount: 0n, script: opReturn }
  const toSign = () => {
    const transaction = new Transaction({ version, lockTime, allowUnknownVersion: true, allowUnknownOutputs: true })
    transaction.addInput(input)
    transaction.addOutput(output)
    return transaction
  }
  return {
    /** Hash of before segwit. The library's function for it is private. */
    legacy: (script: Uint8Array): Uint8Array => {
      const inputs = [{ ...input, finalScriptSig: script }]
      const bytes = RawOldTx.encode({ version, inputs, outputs: [output], lockTime })
      return sha256x2(bytes, Uint8Array.of(sighashAll, 0, 0, 0))
    },
    /** BIP-143, for the program of P2WPKH. */
    keyHash: (program: Uint8Array): Uint8Array => toSign().preimageWitnessV0(0, keyHashScript(program), sighashAll, 0n),
    /** BIP-341, for the key path. */
    taproot: (script: Uint8Array, type: number): Uint8Array => toSign().preimageWitnessV1(0, [script], type, [0n])
  }
}

export type HashesToSign = ReturnType<typeof hashesToSign>
