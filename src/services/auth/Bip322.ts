import type { Address } from "../bitcoin/Address.ts"
import { scriptCheckOf } from "./ScriptChecks.ts"
import type { Signature } from "./SignatureText.ts"
import { hashesToSign, isToSign, spentIdOf } from "./ToSign.ts"
import { inconclusive, invalid } from "./Verification.ts"
import type { Verification } from "./Verification.ts"

const fixed = { version: 0, sequence: 0, lockTime: 0 }

/** Verifies a simple or full signature (BIP-322). Lock times of a full one are signed, but have no effect here. */
export const verifyBip322 = (
  address: Address,
  message: string,
  signature: Exclude<Signature, { format: "bip137" }>
): Verification => {
  const spentId = spentIdOf(address.script, message)
  if (signature.format === "simple") {
    const found = { scriptSig: undefined, witness: signature.witness }
    const check = scriptCheckOf(address, found)
    return typeof check === "function" ? check(address, found, hashesToSign(spentId, fixed)) : check
  }
  const { inputs, lockTime, version, witnesses } = signature.transaction
  const [input, ...more] = inputs
  if (input === undefined) return invalid("the transaction has no input")
  if (more.length > 0) return inconclusive("proof of funds is not supported")
  const found = { scriptSig: input.finalScriptSig, witness: witnesses?.[0] ?? [] }
  const check = scriptCheckOf(address, found)
  if (typeof check !== "function") return check
  if (!isToSign(signature.transaction, spentId)) return invalid("the transaction does not sign the message")
  const checked = check(address, found, hashesToSign(spentId, { version, sequence: input.sequence, lockTime }))
  // Other versions are reserved for upgrades of the BIP.
  const isKnownVersion = version === 0 || version === 2
  return checked.outcome === "valid" && !isKnownVersion
    ? inconclusive("the transaction is not of version 0 or 2")
    : checked
}
