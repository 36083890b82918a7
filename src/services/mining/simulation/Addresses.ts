import { sha256 } from "@noble/hashes/sha2.js"
import { bech32, bech32m, createBase58check } from "@scure/base"
import type { BitcoinNetwork } from "../../../domain/Bitcoin.ts"
import type { Draws } from "./Draws.ts"

const prefixOf = { mainnet: "bc", testnet: "tb", signet: "tb", regtest: "bcrt" } as const
const base58check = createBase58check(sha256)

const base58 = (version: number, program: Uint8Array): string => base58check.encode(Uint8Array.of(version, ...program))

/**
 * Address of a random hash, whose key is unknown. Most are P2WPKH, as on public pools. Regtest gets no P2TR, because
 * its 64 characters do not fit `shares.btc_address`.
 */
export const newAddress = (draws: Draws, network: BitcoinNetwork): string => {
  const prefix = prefixOf[network]
  const isMainnet = network === "mainnet"
  const kind = draws.uniform()
  if (kind < 0.05) return base58(isMainnet ? 0x00 : 0x6f, draws.bytes(20))
  if (kind < 0.1) return base58(isMainnet ? 0x05 : 0xc4, draws.bytes(20))
  if (kind < 0.25 && network !== "regtest") {
    return bech32m.encode(prefix, [1, ...bech32m.toWords(draws.bytes(32))])
  }
  return bech32.encode(prefix, [0, ...bech32.toWords(draws.bytes(20))])
}
