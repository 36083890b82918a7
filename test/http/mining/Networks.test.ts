import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Addresses } from "../../../src/services/bitcoin/Addresses.ts"
import { memoryMining } from "../../support/mining/MemoryMining.ts"
import { testRoutes } from "../../support/TestRoutes.ts"

const networks = ["mainnet", "testnet", "signet", "regtest"] as const

/** Addresses, and the networks that have them. */
const rows = [
  ["bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", ["mainnet"]],
  ["tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", ["testnet", "signet"]],
  ["bcrt1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqvg32hk", ["regtest"]],
  ["mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", ["testnet", "signet", "regtest"]],
  ["2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc", ["testnet", "signet", "regtest"]],
  ["1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", ["mainnet"]]
] as const

describe("TBG_BITCOIN_NETWORK", () => {
  it.effect("decides which addresses are well-formed: 404 for those without a share, 422 for all others", () =>
    Effect.gen(function* () {
      for (const network of networks) {
        const ask = yield* testRoutes({ mining: Layer.merge(memoryMining, Addresses.layer({ network })) })
        for (const [address, homes] of rows) {
          const { status } = yield* ask(`/api/v1/miners/${address}`)
          const isHome = homes.some((home) => home === network)
          assert.strictEqual(status, isHome ? 404 : 422, `${address} on ${network}`)
        }
      }
    })
  )
})
