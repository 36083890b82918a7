import { Result } from "effect"
import { BitcoinNetwork } from "../../../domain/Bitcoin.ts"
import type { ReadAddress } from "../../../domain/mining/ReadEvent.ts"
import { decodeAddress } from "../../bitcoin/Address.ts"

/** Size of the cache of addresses. Checking an address takes longer than the rest of an event. */
const maxRemembered = 50_000

const read = (text: string, network: BitcoinNetwork): ReturnType<ReadAddress> => {
  const decoded = decodeAddress(text, network)
  if (Result.isSuccess(decoded)) return { address: decoded.success.text }
  const isForeign = BitcoinNetwork.literals.some((other) => Result.isSuccess(decodeAddress(text, other)))
  return isForeign ? "wrong_network" : "bad_address"
}

/** Reads addresses of a network. */
export const makeReadAddress = (network: BitcoinNetwork): ReadAddress => {
  const remembered = new Map<string, ReturnType<ReadAddress>>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    const found = read(text, network)
    if (remembered.size >= maxRemembered) remembered.clear()
    remembered.set(text, found)
    return found
  }
}
