import { sha256 } from "@noble/hashes/sha2.js"
import { concatBytes } from "@noble/hashes/utils.js"
import { bech32, bech32m, createBase58check } from "@scure/base"
import { Result } from "effect"
import { InvalidAddress } from "../../domain/Bitcoin.ts"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"

/** Type of an output script. `witness` is any version and length without a name. */
export type AddressKind = "p2pkh" | "p2sh" | "p2wpkh" | "p2wsh" | "p2tr" | "witness"

/** Decoded address. */
export interface Address {
  /** Canonical text: bech32 in lower case, base58 unchanged. */
  readonly text: string
  readonly kind: AddressKind
  /** Hash of a key or a script, or the witness program: what the address commits to. */
  readonly program: Uint8Array
  /** Output script (scriptPubKey) that pays to the address. */
  readonly script: Uint8Array
}

/** Maximum length of an address: a bech32 string has at most 90 characters (BIP-173). */
const maxLength = 90

const base58check = createBase58check(sha256)

/** Networks with the same prefixes. Addresses of testnet and signet look the same; in base58, so do those of regtest. */
const prefixes = {
  bc: "mainnet",
  tb: "testnet or signet",
  bcrt: "regtest"
} as const
const versions: ReadonlyMap<number, { readonly kind: "p2pkh" | "p2sh"; readonly isMainnet: boolean }> = new Map([
  [0x00, { kind: "p2pkh", isMainnet: true }],
  [0x05, { kind: "p2sh", isMainnet: true }],
  [0x6f, { kind: "p2pkh", isMainnet: false }],
  [0xc4, { kind: "p2sh", isMainnet: false }]
])
const prefixOf = { mainnet: "bc", testnet: "tb", signet: "tb", regtest: "bcrt" } as const

const invalid = (reason: string) => Result.fail(new InvalidAddress({ reason }))
const foreign = (found: string, expected: BitcoinNetwork) =>
  invalid(`belongs to ${found}, and this service runs on ${expected}`)

/** Script that pays to the hash of a key (P2PKH). P2WPKH runs the same one. */
export const keyHashScript = (hash: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0x76, 0xa9, 20), hash, Uint8Array.of(0x88, 0xac))

const kindOfWitness = (version: number, length: number): AddressKind => {
  if (version === 0) return length === 20 ? "p2wpkh" : "p2wsh"
  return version === 1 && length === 32 ? "p2tr" : "witness"
}

/** Lengths of BIP-141: 2–40 bytes, and only 20 or 32 of version 0. */
const isProgram = (version: number, length: number): boolean =>
  version === 0 ? length === 20 || length === 32 : version <= 16 && length >= 2 && length <= 40

const decodeWitness = (prefix: keyof typeof prefixes, text: string, network: BitcoinNetwork) => {
  const lower = text.toLowerCase()
  if (text !== lower && text !== text.toUpperCase()) return invalid("mixes upper and lower case")
  const first = bech32.decodeUnsafe(lower)
  const decoded = first ?? bech32m.decodeUnsafe(lower)
  if (decoded === undefined) return invalid("has a wrong checksum or an invalid character")
  const [version = 0, ...words] = decoded.words
  // Version 0 has the checksum of BIP-173; all others have that of BIP-350.
  if ((version === 0) !== (first !== undefined)) return invalid("has the checksum of another witness version")
  const program = bech32.fromWordsUnsafe(words)
  if (program === undefined || program === null || !isProgram(version, program.length)) {
    return invalid("has an invalid witness program")
  }
  if (prefix !== prefixOf[network]) return foreign(prefixes[prefix], network)
  const opcode = version === 0 ? 0 : 0x50 + version
  const script = concatBytes(Uint8Array.of(opcode, program.length), program)
  return Result.succeed({ text: lower, kind: kindOfWitness(version, program.length), program, script })
}

const decodeBase58 = (text: string, network: BitcoinNetwork) => {
  const bytes = Result.try(() => base58check.decode(text))
  if (Result.isFailure(bytes)) return invalid("is not bech32 or base58 with a correct checksum")
  const [version = 0, ...rest] = bytes.success
  const found = versions.get(version)
  if (found === undefined || rest.length !== 20) return invalid("is not of a known type")
  if (found.isMainnet !== (network === "mainnet")) {
    return foreign(found.isMainnet ? "mainnet" : "a test network", network)
  }
  const program = Uint8Array.from(rest)
  const script =
    found.kind === "p2pkh" ? keyHashScript(program) : concatBytes(Uint8Array.of(0xa9, 20), program, Uint8Array.of(0x87))
  return Result.succeed({ text, kind: found.kind, program, script })
}

/** Decodes an address of a network. A failure has the reason. */
export const decodeAddress = (text: string, network: BitcoinNetwork): Result.Result<Address, InvalidAddress> => {
  if (text.length > maxLength) return invalid(`is longer than ${maxLength} characters`)
  if (!/^[0-9A-Za-z]*$/u.test(text)) return invalid("has an invalid character")
  const [, prefix] = /^(bc|tb|bcrt)1/u.exec(text.toLowerCase()) ?? []
  if (prefix === "bc" || prefix === "tb" || prefix === "bcrt") return decodeWitness(prefix, text, network)
  return decodeBase58(text, network)
}
