import type { Address } from "../bitcoin/Address.ts"
import { verifyBip137 } from "./Bip137.ts"
import { verifyBip322 } from "./Bip322.ts"
import { decodeSignature } from "./SignatureText.ts"
import type { Verification } from "./Verification.ts"

export interface SignedMessage {
  readonly address: Address
  readonly message: string
  /** Base64, with or without a prefix of BIP-322. */
  readonly signature: string
  /** Whether BIP-137 is accepted for segwit addresses (`TBG_ACCEPT_BIP137`). For P2PKH it is always accepted. */
  readonly acceptBip137: boolean
}

/**
 * Verifies that the owner of an address signed a message, by BIP-322 or BIP-137.
 *
 * Checks without curve arithmetic come first: length, encoding, structure, and the hash of the key.
 */
export const verifySignature = ({ acceptBip137, address, message, signature }: SignedMessage): Verification => {
  const decoded = decodeSignature(signature)
  if ("outcome" in decoded) return decoded
  return decoded.format === "bip137"
    ? verifyBip137(address, message, decoded, acceptBip137)
    : verifyBip322(address, message, decoded)
}
