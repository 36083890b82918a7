import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import type { Account, AccountId } from "../../domain/Account.ts"
import { AddressTaken } from "../../domain/Account.ts"
import type { BitcoinNetwork, InvalidAddress } from "../../domain/Bitcoin.ts"
import type { TokenPair } from "../../domain/Session.ts"
import { ProofRefused } from "../../domain/SignIn.ts"
import type { Challenge, Proof, ProofInconclusive } from "../../domain/SignIn.ts"
import { decodeAddress } from "../bitcoin/Address.ts"
import { Accounts, isAddressRace } from "./Accounts.ts"
import { Challenges } from "./Challenges.ts"
import type { Checked } from "./Challenges.ts"
import { Sessions } from "./Sessions.ts"

/** If an address signs in twice at once for the first time, the second transaction fails and is repeated. */
const raceRetries = 3

/** Maximum length of a stored user agent. */
const maxUserAgent = 200

type ProofFailure = InvalidAddress | ProofRefused | ProofInconclusive

const usedUp = new ProofRefused({ reason: "the nonce is unknown, used or expired" })

const make = Effect.fnUntraced(function* (network: BitcoinNetwork) {
  const sql = yield* SqlClient.SqlClient
  const accounts = yield* Accounts
  const challenges = yield* Challenges
  const sessions = yield* Sessions

  const decode = (text: string) => Effect.fromResult(decodeAddress(text, network))

  const check = Effect.fnUntraced(function* (proof: Proof) {
    return yield* challenges.check(yield* decode(proof.address), proof)
  })

  /** Consumes the nonce and runs `use` in one transaction; `undefined` if another request consumed it. */
  const consuming = <A>(checked: Checked, use: Effect.Effect<A, SqlError>) =>
    sql
      .withTransaction(Effect.flatMap(challenges.consume(checked), (isOurs) => (isOurs ? use : Effect.undefined)))
      .pipe(
        Effect.retry({ times: raceRetries, while: (error) => isSqlError(error) && isAddressRace(error) }),
        Effect.orDie,
        Effect.flatMap((used) => (used === undefined ? Effect.fail(usedUp) : Effect.succeed(used)))
      )

  const challenge = Effect.fn("SignIn.challenge")(function* (address: string) {
    return yield* challenges.issue(yield* decode(address))
  })

  const verify = Effect.fn("SignIn.verify")(function* (proof: Proof, userAgent: string | undefined) {
    const checked = yield* check(proof)
    const { accountId, tokens } = yield* consuming(
      checked,
      Effect.gen(function* () {
        const accountId = yield* accounts.ofAddress(checked.address)
        return { accountId, tokens: yield* sessions.open(accountId, userAgent?.slice(0, maxUserAgent) ?? null) }
      })
    )
    return { tokens, account: yield* accounts.find(accountId) }
  })

  const addAddress = Effect.fn("SignIn.addAddress")(function* (account: AccountId, proof: Proof) {
    const checked = yield* check(proof)
    const isAdded = yield* consuming(checked, accounts.addAddress(account, checked.address))
    if (!isAdded) return yield* new AddressTaken({ address: checked.address })
    return yield* accounts.find(account)
  })

  return {
    canonical: (address: string) => Effect.map(decode(address), ({ text }) => text),
    challenge,
    verify,
    addAddress
  }
})

/** Sign-in by a signature of a Bitcoin address. */
export class SignIn extends Context.Service<
  SignIn,
  {
    /** Returns the canonical text of an address. */
    readonly canonical: (address: string) => Effect.Effect<string, InvalidAddress>
    readonly challenge: (address: string) => Effect.Effect<Challenge, InvalidAddress>
    /** Opens a session of the account of a proven address. */
    readonly verify: (
      proof: Proof,
      userAgent: string | undefined
    ) => Effect.Effect<{ readonly tokens: TokenPair; readonly account: Account }, ProofFailure>
    /** Adds a proven address to an account. The nonce is consumed even if the address belongs to another account. */
    readonly addAddress: (account: AccountId, proof: Proof) => Effect.Effect<Account, ProofFailure | AddressTaken>
  }
>()("tbg-api/services/auth/SignIn") {
  static readonly layer = ({ network }: { readonly network: BitcoinNetwork }) => Layer.effect(SignIn, make(network))
}
