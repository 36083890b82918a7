import { assert, describe, it } from "@effect/vitest"
import { base64 } from "@scure/base"
import { Config, Effect } from "effect"
import * as fc from "fast-check"
import { verifySignature } from "../../../src/services/auth/VerifySignature.ts"
import { walletKinds, walletOf } from "../../support/Wallet.ts"
import type { WalletKind } from "../../support/Wallet.ts"

/** 1,000 mutations; `make test-long` sets 20, for 100,000. */
const mutations = Config.Int("TBG_TEST_REPEAT").pipe(
  Config.map((repetitions) => 5000 * repetitions),
  Config.withDefault(1000)
)

const message = "localhost:8000 wants you to sign in with your Bitcoin account:\nnonce 1"
const wallets = [walletOf("one"), walletOf("two")]

interface Signed {
  readonly owner: number
  readonly kind: WalletKind
  readonly message: string
  readonly bytes: Uint8Array
}

const signed: ReadonlyArray<Signed> = wallets.flatMap((wallet, owner) =>
  walletKinds.flatMap((kind) => {
    const isLegacy = kind.startsWith("p2pkh")
    return [
      isLegacy ? wallet.bip137(message) : wallet.simple(kind, message),
      wallet.full(wallet.transaction(kind, message)),
      kind === "p2tr" ? wallet.simple(kind, message, { type: 1 }) : wallet.bip137(message)
    ].map((signature) => ({ owner, kind, message, bytes: base64.decode(signature) }))
  })
)

/** The header of BIP-137 supplies two bits only, so it is left alone. */
const firstByteOf = (bytes: Uint8Array): number => (bytes.length === 65 ? 1 : 0)

const withByte =
  (at: number, byte: number) =>
  (one: Signed): Signed => {
    const first = firstByteOf(one.bytes)
    const index = first + (at % (one.bytes.length - first))
    const bytes = one.bytes.with(index, (one.bytes[index] ?? 0) ^ byte)
    return { ...one, bytes }
  }
const cut =
  (from: number, count: number) =>
  (one: Signed): Signed => {
    const index = from % one.bytes.length
    return { ...one, bytes: Uint8Array.from([...one.bytes.subarray(0, index), ...one.bytes.subarray(index + count)]) }
  }
const insert =
  (at: number, added: ReadonlyArray<number>) =>
  (one: Signed): Signed => {
    const index = at % (one.bytes.length + 1)
    return { ...one, bytes: Uint8Array.from([...one.bytes.subarray(0, index), ...added, ...one.bytes.subarray(index)]) }
  }
const edit =
  (at: number, added: string) =>
  (one: Signed): Signed => {
    const index = at % (one.message.length + 1)
    return { ...one, message: one.message.slice(0, index) + added + one.message.slice(index) }
  }

const place = fc.nat(1000)
const byte = fc.integer({ min: 1, max: 255 })
const mutation = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(place, byte).map(([at, byte]) => withByte(at, byte)) },
  { weight: 2, arbitrary: fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(([from, count]) => cut(from, count)) },
  {
    weight: 2,
    arbitrary: fc.tuple(place, fc.array(byte, { minLength: 1, maxLength: 8 })).map(([at, bytes]) => insert(at, bytes))
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(place, fc.string({ minLength: 1, maxLength: 3, unit: "binary" }))
      .map(([at, text]) => edit(at, text))
  },
  { weight: 1, arbitrary: fc.constant((one: Signed): Signed => ({ ...one, owner: 1 - one.owner })) }
)

const outcomeOf = ({ bytes, kind, message, owner }: Signed) => {
  const address = wallets[owner]?.address(kind)
  assert.isDefined(address)
  return verifySignature({ address, message, signature: base64.encode(bytes), acceptBip137: true }).outcome
}

describe("verifySignature", () => {
  it("accepts each signature before it is changed", () => {
    assert.deepStrictEqual(
      signed.map(outcomeOf),
      signed.map(() => "valid")
    )
  })

  it.effect(
    "accepts no signature whose bytes, message or address were changed",
    () =>
      Effect.gen(function* () {
        const numRuns = yield* mutations
        const property = fc.property(fc.constantFrom(...signed), mutation, (one, mutate) => {
          assert.notStrictEqual(outcomeOf(mutate(one)), "valid")
        })
        fc.assert(property, { numRuns, seed: 1 })
      }),
    600_000
  )
})
