import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js"
import { concatBytes } from "@noble/hashes/utils.js"
import { Script } from "@scure/btc-signer/script.js"
import { equalBytes, hash160 } from "@scure/btc-signer/utils.js"
import { Result } from "effect"
import type { Address } from "../bitcoin/Address.ts"
import { sighashAll } from "./ToSign.ts"
import type { HashesToSign } from "./ToSign.ts"
import { inconclusive, invalid, valid } from "./Verification.ts"
import type { Verification } from "./Verification.ts"

/** Input of `to_sign`, which satisfies the script of the address. */
export interface Satisfaction {
  /** `undefined` in a simple signature, which has no room for it. */
  readonly scriptSig: Uint8Array | undefined
  readonly witness: ReadonlyArray<Uint8Array>
}

/** Prefix of the redeem script of P2SH-P2WPKH: version 0 and a push of 20 bytes. */
export const nestedPrefix = Uint8Array.of(0, 20)
const nestedLength = 22

const isCompressed = (key: Uint8Array): boolean => key.length === 33 && (key[0] === 2 || key[0] === 3)
const isUncompressed = (key: Uint8Array): boolean => key.length === 65 && key[0] === 4

const wrong = invalid("the signature does not match the message and the address")
const anotherKey = invalid("the public key of the signature is not that of the address")

const isEmpty = (script: Uint8Array | undefined): boolean => script === undefined || script.length === 0

const isTrue = (check: () => boolean): boolean => Result.getOrElse(Result.try(check), () => false)

const checkEcdsa = (signature: Uint8Array, hash: Uint8Array, key: Uint8Array): Verification => {
  if (signature.at(-1) !== sighashAll) return invalid("the signature is not of the type SIGHASH_ALL")
  const options = { prehash: false, lowS: true, format: "der" } as const
  return isTrue(() => secp256k1.verify(signature.subarray(0, -1), hash, key, options)) ? valid : wrong
}

const checkKeyHash = (program: Uint8Array, { witness }: Satisfaction, hashes: HashesToSign): Verification => {
  const [signature, key] = witness
  if (signature === undefined || key === undefined || witness.length !== 2) {
    return invalid("the witness is not a signature and a public key")
  }
  if (!isCompressed(key)) return invalid("the public key is not compressed")
  return equalBytes(hash160(key), program) ? checkEcdsa(signature, hashes.keyHash(program), key) : anotherKey
}

const p2wpkh = (address: Address, found: Satisfaction, hashes: HashesToSign): Verification =>
  isEmpty(found.scriptSig)
    ? checkKeyHash(address.program, found, hashes)
    : invalid("the input of a segwit address has a script")

/** Redeem script of P2SH-P2WPKH, or `undefined` if the signature is for another script. */
const nestedScriptOf = ({ scriptSig, witness: [, key] }: Satisfaction): Uint8Array | undefined => {
  // A simple signature carries no script, so it is built from the key.
  if (scriptSig === undefined) return key && isCompressed(key) ? concatBytes(nestedPrefix, hash160(key)) : undefined
  const isNested = scriptSig.length === 1 + nestedLength && scriptSig[0] === nestedLength
  const script = scriptSig.subarray(1)
  return isNested && equalBytes(script.subarray(0, 2), nestedPrefix) ? script : undefined
}

const p2sh = (address: Address, found: Satisfaction, hashes: HashesToSign): Verification => {
  const script = nestedScriptOf(found)
  if (script === undefined) return invalid("the signature has no redeem script")
  return equalBytes(hash160(script), address.program) ? checkKeyHash(script.subarray(2), found, hashes) : anotherKey
}

const p2tr = (address: Address, { scriptSig, witness }: Satisfaction, hashes: HashesToSign): Verification => {
  const [signature] = witness
  if (signature === undefined || !isEmpty(scriptSig)) return invalid("the input of a taproot address is malformed")
  const [type = 0, ...more] = signature.subarray(64)
  const isTyped = signature.length === 65
  if (signature.length < 64 || more.length > 0 || (isTyped && type !== sighashAll)) {
    return invalid("the signature is not a Schnorr signature of the type SIGHASH_ALL")
  }
  const hash = hashes.taproot(address.script, type)
  return isTrue(() => schnorr.verify(signature.subarray(0, 64), hash, address.program)) ? valid : wrong
}

const p2pkh = (address: Address, { scriptSig, witness }: Satisfaction, hashes: HashesToSign): Verification => {
  if (scriptSig === undefined) return invalid("P2PKH addresses need a full signature, or one of BIP-137")
  if (witness.length > 0) return invalid("the input of a P2PKH address has a witness")
  const [signature, key, ...more] = Result.getOrElse(
    Result.try(() => Script.decode(scriptSig)),
    () => []
  )
  const isPair = signature instanceof Uint8Array && key instanceof Uint8Array && more.length === 0
  // Encoding again finds pushes that are longer than necessary (MINIMALDATA).
  if (!isPair || !equalBytes(Script.encode([signature, key]), scriptSig)) {
    return invalid("the script of the input is not a signature and a public key")
  }
  if (!isCompressed(key) && !isUncompressed(key)) return invalid("the public key is malformed")
  return equalBytes(hash160(key), address.program)
    ? checkEcdsa(signature, hashes.legacy(address.script), key)
    : anotherKey
}

const supported = { p2pkh, p2sh, p2wpkh, p2tr }

/** The check of the script that an input satisfies, or why this service cannot run it. */
export const scriptCheckOf = ({ kind }: Address, found: Satisfaction) => {
  if (kind === "p2wsh" || kind === "witness") {
    return inconclusive("addresses of P2WSH and of future witness versions are not supported")
  }
  // Two elements or more are a script path, or a key path with an annex.
  if (kind === "p2tr" && found.witness.length > 1) {
    return inconclusive("of taproot signatures, only those of the key path are supported")
  }
  const { scriptSig, witness } = found
  const isUnsatisfied = (scriptSig ?? witness).length === 0
  if (kind === "p2sh" && !isUnsatisfied && nestedScriptOf(found) === undefined) {
    return inconclusive("of P2SH addresses, only those of P2SH-P2WPKH are supported")
  }
  return supported[kind]
}
