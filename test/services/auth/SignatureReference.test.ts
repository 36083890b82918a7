import { assert, describe, it } from "@effect/vitest"
import { base64 } from "@scure/base"
import { Signer, Verifier } from "bip322-js"
import { Config, Effect, Result } from "effect"
import * as fc from "fast-check"
import { verifySignature } from "../../../src/services/auth/VerifySignature.ts"
import { walletOf } from "../../support/Wallet.ts"
import type { Wallet } from "../../support/Wallet.ts"

/** 150 signatures; `make test-long` sets 20, for 10,000. */
const signatures = Config.Int("TBG_TEST_REPEAT").pipe(
  Config.map((repetitions) => 500 * repetitions),
  Config.withDefault(150)
)

const kinds = ["p2pkh", "p2sh", "p2wpkh", "p2tr"] as const
type Kind = (typeof kinds)[number]

const accepts = (wallet: Wallet, kind: Kind, message: string, signature: string): boolean =>
  verifySignature({ address: wallet.address(kind), message, signature, acceptBip137: true }).outcome === "valid"

/** bip322-js throws for what it cannot read. */
const referenceAccepts = (wallet: Wallet, kind: Kind, message: string, signature: string): boolean =>
  Result.getOrElse(
    Result.try(() => Verifier.verifySignature(wallet.address(kind).text, message, signature)),
    () => false
  )

/** A signature by either library, and whether one of its bits is flipped. */
const signature = fc.record({
  wallet: fc.tuple(fc.nat(1000), fc.constantFrom("mainnet", "signet", "regtest")),
  kind: fc.constantFrom(...kinds),
  message: fc.string({ unit: "grapheme", maxLength: 300 }),
  by: fc.constantFrom("reference", "simple", "bip137"),
  flipped: fc.option(fc.record({ at: fc.nat(32), bit: fc.nat(7) }), { freq: 1 })
})

const signedBy = (by: "reference" | "simple" | "bip137", wallet: Wallet, kind: Kind, message: string): string => {
  if (by === "reference") return Signer.sign(wallet.wif, wallet.address(kind).text, message)
  // A third format is left out: the reference does not read full signatures.
  if (kind === "p2pkh" || (by === "bip137" && kind !== "p2tr")) return wallet.bip137(message)
  return wallet.simple(kind, message)
}

describe("verifySignature", () => {
  it.effect(
    "agrees with bip322-js",
    () =>
      Effect.gen(function* () {
        let accepted = 0
        const property = fc.property(signature, ({ by, flipped, kind, message, wallet: [seed, network] }) => {
          const wallet = walletOf(String(seed), network)
          const bytes = base64.decode(signedBy(by, wallet, kind, message))
          // Only of the last bytes: the reference does not check the frame of a witness.
          const at = bytes.length - 1 - (flipped === null ? 0 : flipped.at)
          const flip = flipped === null ? 0 : 1 << flipped.bit
          const sent = base64.encode(bytes.with(at, (bytes[at] ?? 0) ^ flip))
          const isAccepted = accepts(wallet, kind, message, sent)
          assert.strictEqual(isAccepted, referenceAccepts(wallet, kind, message, sent), sent)
          assert.strictEqual(isAccepted, flipped === null)
          accepted += isAccepted ? 1 : 0
        })
        const numRuns = yield* signatures
        fc.assert(property, { numRuns, seed: 1 })
        assert.isAbove(accepted, numRuns / 3)
      }),
    600_000
  )
})
