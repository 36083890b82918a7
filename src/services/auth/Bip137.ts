import { secp256k1 } from "@noble/curves/secp256k1.js"
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js"
import { VarBytes } from "@scure/btc-signer/script.js"
import { equalBytes, hash160, sha256x2 } from "@scure/btc-signer/utils.js"
import { Result } from "effect"
import type { Address } from "../bitcoin/Address.ts"
import type { Signature } from "./SignatureText.ts"
import { nestedPrefix } from "./ScriptChecks.ts"
import { inconclusive, invalid, valid } from "./Verification.ts"
import type { Verification } from "./Verification.ts"

const magic = utf8ToBytes("Bitcoin Signed Message:\n")

/** Hash that a wallet signs for a message (BIP-137). */
export const hashOfMessage = (message: string): Uint8Array =>
  sha256x2(VarBytes.encode(magic), VarBytes.encode(utf8ToBytes(message)))

const recoverKey = ({ compact, recovery }: Extract<Signature, { format: "bip137" }>, hash: Uint8Array) =>
  Result.getOrUndefined(
    Result.try(() => secp256k1.Signature.fromBytes(compact).addRecoveryBit(recovery).recoverPublicKey(hash))
  )

type Key = NonNullable<ReturnType<typeof recoverKey>>

/** Whether the address belongs to a key. The key's form in the header is ignored. */
const isAddressOf = ({ kind, program }: Address, key: Key): boolean => {
  const keyHash = hash160(key.toBytes(true))
  if (kind === "p2sh") return equalBytes(hash160(concatBytes(nestedPrefix, keyHash)), program)
  return equalBytes(keyHash, program) || (kind === "p2pkh" && equalBytes(hash160(key.toBytes(false)), program))
}

/** Verifies a signature of BIP-137 by recovering its key. Like Bitcoin Core, it accepts high and low S. */
export const verifyBip137 = (
  address: Address,
  message: string,
  signature: Extract<Signature, { format: "bip137" }>,
  acceptBip137: boolean
): Verification => {
  if (address.kind === "p2tr") return inconclusive("BIP-137 has no signatures for taproot; use BIP-322")
  if (address.kind === "p2wsh" || address.kind === "witness") {
    return inconclusive("BIP-137 has no signatures for this type of address")
  }
  if (address.kind !== "p2pkh" && !acceptBip137) {
    return inconclusive("this service accepts BIP-137 for P2PKH addresses only; use BIP-322")
  }
  const key = recoverKey(signature, hashOfMessage(message))
  return key !== undefined && isAddressOf(address, key)
    ? valid
    : invalid("the signature does not match the message and the address")
}
