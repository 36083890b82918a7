import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { BitcoinNetwork } from "../../../src/domain/Bitcoin.ts"
import { decodeAddress } from "../../../src/services/bitcoin/Address.ts"
import type { AddressKind } from "../../../src/services/bitcoin/Address.ts"

// One key hash and one key (BIP-173, BIP-350) in every form.
const hash = "751e76e8199196d454941c45d1b3a323f1433bd6"
const key = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"

type Row = [text: string, networks: ReadonlyArray<BitcoinNetwork>, kind: AddressKind, script: string]

const main: ReadonlyArray<BitcoinNetwork> = ["mainnet"]
const test: ReadonlyArray<BitcoinNetwork> = ["testnet", "signet"]
const regtest: ReadonlyArray<BitcoinNetwork> = ["regtest"]
const notMain: ReadonlyArray<BitcoinNetwork> = [...test, ...regtest]

const addresses: ReadonlyArray<Row> = [
  ["1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", main, "p2pkh", `76a914${hash}88ac`],
  ["mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r", notMain, "p2pkh", `76a914${hash}88ac`],
  ["3CNHUhP3uyB9EUtRLsmvFUmvGdjGdkTxJw", main, "p2sh", `a914${hash}87`],
  ["2N3vVYSK5XRgVSGWy21PnsRmBUywSQNdCsf", notMain, "p2sh", `a914${hash}87`],
  ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", main, "p2wpkh", `0014${hash}`],
  ["tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", test, "p2wpkh", `0014${hash}`],
  ["bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", regtest, "p2wpkh", `0014${hash}`],
  ["bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqgp5m2n", main, "p2wsh", `0020${key}`],
  ["tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqlfz5su", test, "p2wsh", `0020${key}`],
  ["bcrt1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqjsgj9x", regtest, "p2wsh", `0020${key}`],
  ["bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", main, "p2tr", `5120${key}`],
  ["tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47zagq", test, "p2tr", `5120${key}`],
  // 64 characters, two more than on mainnet.
  ["bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6", regtest, "p2tr", `5120${key}`],
  ["bc1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq2tdauy", main, "witness", `5220${key}`],
  ["bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kj9wkru", main, "witness", `5114${hash}`],
  ["bc1pfeessrawgf", main, "witness", "51024e73"],
  ["BC1SW50QGDZ25J", main, "witness", "6002751e"],
  ["BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", main, "p2wpkh", `0014${hash}`]
]

const invalid: ReadonlyArray<[text: string, network: BitcoinNetwork, reason: string]> = [
  ["", "mainnet", "is not bech32 or base58 with a correct checksum"],
  ["1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMJ", "mainnet", "is not bech32 or base58 with a correct checksum"],
  ["1bgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "mainnet", "is not bech32 or base58 with a correct checksum"],
  ["tgwUb43VFAAupo35MUk7tuFgggRJ2uYQHn", "mainnet", "is not of a known type"],
  ["1dVi8TbRE1Xb7cSVn5G4Vn74VU2SPrtx", "mainnet", "is not of a known type"],
  ["mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r", "mainnet", "belongs to a test network, and this service runs on mainnet"],
  ["3CNHUhP3uyB9EUtRLsmvFUmvGdjGdkTxJw", "signet", "belongs to mainnet, and this service runs on signet"],
  [
    "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
    "regtest",
    "belongs to testnet or signet, and this service runs on regtest"
  ],
  ["bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "testnet", "belongs to regtest, and this service runs on testnet"],
  ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "signet", "belongs to mainnet, and this service runs on signet"],
  ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4", "mainnet", "mixes upper and lower case"],
  ["Bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "mainnet", "mixes upper and lower case"],
  ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "mainnet", "has a wrong checksum or an invalid character"],
  ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3b4", "mainnet", "has a wrong checksum or an invalid character"],
  ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "mainnet", "has the checksum of another witness version"],
  [
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "mainnet",
    "has the checksum of another witness version"
  ],
  ["bc1qq963uahgrxged4z5jswyt5dn5v3lzsem6cnydmwg", "mainnet", "has an invalid witness program"],
  ["bc130xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq7zws8r", "mainnet", "has an invalid witness program"],
  ["bc1pqystr2wj", "mainnet", "has an invalid witness program"],
  [
    "bc1pqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqepcyyg",
    "mainnet",
    "has an invalid witness program"
  ],
  ["bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v0am8wdh", "mainnet", "has an invalid witness program"],
  ["bc1gmk9yu", "mainnet", "has an invalid witness program"],
  [" bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "mainnet", "has an invalid character"],
  // The Kelvin sign becomes "k" in lower case.
  ["BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7\u212AV8F3T4", "mainnet", "has an invalid character"],
  [`bc1q${"q".repeat(87)}`, "mainnet", "is longer than 90 characters"]
]

const everyNetwork: ReadonlyArray<BitcoinNetwork> = ["mainnet", "testnet", "signet", "regtest"]

describe("decodeAddress", () => {
  it.each(addresses)("decodes %s on %j alone, as %s", (text, networks, kind, script) => {
    for (const network of everyNetwork) {
      const address = Result.getOrUndefined(decodeAddress(text, network))
      assert.strictEqual(address !== undefined, networks.includes(network), network)
      const found = address && [address.kind, Buffer.from(address.script).toString("hex")]
      assert.deepStrictEqual(found ?? [kind, script], [kind, script])
    }
  })

  it("makes bech32 lower case and leaves base58 unchanged", () => {
    const texts = ["BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"]
    assert.deepStrictEqual(
      texts.map((text) => Result.getOrThrow(decodeAddress(text, "mainnet")).text),
      ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"]
    )
  })

  it.each(invalid)("rejects %j on %s: it %s", (text, network, reason) => {
    const result = decodeAddress(text, network)
    assert.isTrue(Result.isFailure(result))
    assert.strictEqual(Result.getOrThrow(Result.flip(result)).reason, reason)
  })
})
