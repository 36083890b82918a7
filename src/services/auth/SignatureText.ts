import { base64 } from "@scure/base"
import { RawTx, RawWitness } from "@scure/btc-signer/script.js"
import { Result } from "effect"
import { inconclusive, invalid } from "./Verification.ts"

/** Transaction `to_sign` of a full signature, as it was sent. */
export type SentTransaction = ReturnType<typeof RawTx.decode>

/** Decoded signature in one of the formats. */
export type Signature =
  | { readonly format: "bip137"; readonly recovery: number; readonly compact: Uint8Array }
  | { readonly format: "simple"; readonly witness: ReadonlyArray<Uint8Array> }
  | { readonly format: "full"; readonly transaction: SentTransaction }

type Unsupported = ReturnType<typeof invalid> | ReturnType<typeof inconclusive>

/** Maximum length of a signature in characters. */
const maxLength = 4096

/** A signature of BIP-137 has a header byte and 64 bytes. Its headers are 27–42, four for each type of address. */
const compactLength = 65
const isHeader = (byte: number): boolean => byte >= 27 && byte <= 42

/** Prefixes of BIP-322 version 2. Without one, the bytes show the format. */
const shape = /^(smp|ful|pof)?(.*)$/u

const proofOfFunds = inconclusive("proof of funds is not supported")

const attempt = <A>(decode: () => A): A | undefined => Result.getOrUndefined(Result.try(decode))

const simpleOf = (bytes: Uint8Array): Signature | undefined => {
  const witness = attempt(() => RawWitness.decode(bytes))
  return witness && { format: "simple", witness }
}

const fullOf = (bytes: Uint8Array): Signature | undefined => {
  const transaction = attempt(() => RawTx.decode(bytes))
  return transaction && { format: "full", transaction }
}

/** A partially signed transaction (BIP-174), which carries a proof of funds. */
const isPsbt = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 5)).toString("latin1") === "psbt\xff"

const unprefixedOf = (bytes: Uint8Array): Signature | Unsupported => {
  const [header = 0, ...compact] = bytes
  if (bytes.length === compactLength && isHeader(header)) {
    return { format: "bip137", recovery: (header - 27) % 4, compact: Uint8Array.from(compact) }
  }
  if (isPsbt(bytes)) return proofOfFunds
  return simpleOf(bytes) ?? fullOf(bytes) ?? invalid("the signature is not in the format of BIP-322 or BIP-137")
}

/** Decodes the text of a signature. White space around it is ignored. */
export const decodeSignature = (text: string): Signature | Unsupported => {
  if (text.length > maxLength) return invalid(`the signature is longer than ${maxLength} characters`)
  const [, prefix, encoded = ""] = shape.exec(text.trim()) ?? []
  if (prefix === "pof") return proofOfFunds
  const bytes = attempt(() => base64.decode(encoded))
  if (bytes === undefined) return invalid("the signature is not base64")
  if (prefix === "smp") return simpleOf(bytes) ?? invalid("the signature is not a witness stack, as smp announces")
  if (prefix === "ful") return fullOf(bytes) ?? invalid("the signature is not a transaction, as ful announces")
  return unprefixedOf(bytes)
}
