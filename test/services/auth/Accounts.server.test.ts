import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Accounts } from "../../../src/services/auth/Accounts.ts"
import { SignIn } from "../../../src/services/auth/SignIn.ts"
import { newPlayer, proofOf, realPlayers } from "../../support/PlayerDatabase.ts"

const reasonOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "success", onFailure: ({ _tag }) => _tag })

layer(realPlayers)("accounts", (it) => {
  it.effect("add an address with its own proof, but none of another account", () =>
    Effect.gen(function* () {
      const { addAddress, verify } = yield* SignIn
      const [mine, second, theirs] = [newPlayer("mine"), newPlayer("mine", "p2tr"), newPlayer("theirs")]
      const { account } = yield* verify(yield* proofOf(mine), undefined)
      yield* verify(yield* proofOf(theirs), undefined)
      const added = yield* addAddress(account.id, yield* proofOf(second))
      assert.deepStrictEqual(added.addresses, [mine.address, second.address])
      assert.deepStrictEqual(yield* addAddress(account.id, yield* proofOf(second)), added)
      const proof = yield* proofOf(theirs)
      assert.strictEqual(yield* reasonOf(addAddress(account.id, proof)), "AddressTaken")
      assert.strictEqual(yield* reasonOf(addAddress(account.id, proof)), "ProofRefused")
      assert.strictEqual((yield* verify(yield* proofOf(second), undefined)).account.id, account.id)
    })
  )

  it.effect("change only the fields that a player sets", () =>
    Effect.gen(function* () {
      const { update } = yield* Accounts
      const { verify } = yield* SignIn
      const player = newPlayer("changes")
      const { account } = yield* verify(yield* proofOf(player), undefined)
      const changed = yield* update(account.id, { displayName: "Hal", countryCode: "CH", isPublic: false })
      assert.deepStrictEqual(changed, { ...account, displayName: "Hal", countryCode: "CH", isPublic: false })
      const shown = yield* update(account.id, { displayName: null, isPublic: true })
      assert.deepStrictEqual(shown, { ...account, countryCode: "CH" })
      assert.deepStrictEqual(yield* update(account.id, {}), shown)
    })
  )
})
