import { assert, layer } from "@effect/vitest"
import { Effect, Redacted, Result, Tracer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import { Sessions } from "../../../src/services/auth/Sessions.ts"
import { SignIn } from "../../../src/services/auth/SignIn.ts"
import { newPlayer, proofOf, realPlayers } from "../../support/PlayerDatabase.ts"
import { walletKinds } from "../../support/Wallet.ts"

const reasonOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "success", onFailure: ({ _tag }) => _tag })

const fifty = Array.from({ length: 50 })
const atOnce = { concurrency: "unbounded" } as const

layer(realPlayers)("sign-in", (it) => {
  it.effect.each(walletKinds)("opens sessions of one account for an address of %s", (kind) =>
    Effect.gen(function* () {
      const { verify } = yield* SignIn
      const { authenticate } = yield* Sessions
      const player = newPlayer("kinds", kind)
      const first = yield* verify(yield* proofOf(player), "Mozilla/5.0")
      const second = yield* verify(yield* proofOf(player), undefined)
      assert.deepStrictEqual(first.account.addresses, [player.address])
      assert.isTrue(first.account.isPublic)
      assert.deepStrictEqual(second.account, first.account)
      const callers = yield* Effect.forEach([first, second], ({ tokens }) =>
        authenticate(Redacted.value(tokens.accessToken))
      )
      assert.deepStrictEqual(
        callers.map(({ accountId }) => accountId),
        [first.account.id, first.account.id]
      )
      assert.notStrictEqual(callers[0]?.sessionId, callers[1]?.sessionId)
    })
  )

  it.effect("opens one session for 50 verifications of one nonce at once", () =>
    Effect.gen(function* () {
      const { verify } = yield* SignIn
      const { list } = yield* Sessions
      const proof = yield* proofOf(newPlayer("one nonce"))
      const results = yield* Effect.forEach(fifty, () => Effect.result(verify(proof, undefined)), atOnce)
      const opened = results.filter(Result.isSuccess)
      assert.strictEqual(opened.length, 1)
      assert.strictEqual(
        results.filter((one) => Result.isFailure(one) && one.failure._tag === "ProofRefused").length,
        49
      )
      const sessions = yield* Effect.forEach(opened, ({ success }) => list(success.account.id))
      assert.strictEqual(sessions.flat().length, 1)
    })
  )

  it.effect("creates one account for 50 first sign-ins of one address at once", () =>
    Effect.gen(function* () {
      const { verify } = yield* SignIn
      const player = newPlayer("first sign-ins")
      const proofs = yield* Effect.forEach(fifty, () => proofOf(player))
      const opened = yield* Effect.forEach(proofs, (proof) => verify(proof, undefined), atOnce)
      assert.strictEqual(new Set(opened.map(({ account }) => account.id)).size, 1)
    })
  )

  it.effect("deletes a nonce at the fifth wrong signature, and not at the fourth", () =>
    Effect.gen(function* () {
      const { verify } = yield* SignIn
      const player = newPlayer("wrong signatures")
      const tries = Effect.fnUntraced(function* (wrong: number) {
        const proof = yield* proofOf(player)
        const { signature } = yield* proofOf(player)
        for (let time = 0; time < wrong; time++) {
          assert.strictEqual(yield* reasonOf(verify({ ...proof, signature }, undefined)), "ProofRefused")
        }
        return yield* reasonOf(verify(proof, undefined))
      })
      assert.strictEqual(yield* tries(4), "success")
      assert.strictEqual(yield* tries(5), "ProofRefused")
    })
  )

  it.effect("accepts a nonce only for its address, within 300 seconds, once", () =>
    Effect.gen(function* () {
      const { verify } = yield* SignIn
      const player = newPlayer("nonces")
      const proof = yield* proofOf(player)
      const other = newPlayer("nonces", "p2tr")
      assert.strictEqual(yield* reasonOf(verify({ ...proof, address: other.address }, undefined)), "ProofRefused")
      assert.strictEqual(yield* reasonOf(verify({ ...proof, nonce: "0".repeat(32) }, undefined)), "ProofRefused")
      assert.strictEqual(yield* reasonOf(verify({ ...proof, nonce: `${proof.nonce} ` }, undefined)), "ProofRefused")
      yield* TestClock.adjust("299 seconds")
      const late = yield* proofOf(player)
      assert.strictEqual(yield* reasonOf(verify(proof, undefined)), "success")
      assert.strictEqual(yield* reasonOf(verify(proof, undefined)), "ProofRefused")
      yield* TestClock.adjust("300 seconds")
      assert.strictEqual(yield* reasonOf(verify(late, undefined)), "ProofRefused")
    })
  )

  it.effect("does not count signatures that it cannot verify, and refuses invalid addresses with the reason", () =>
    Effect.gen(function* () {
      const { challenge, verify } = yield* SignIn
      const player = newPlayer("inconclusive", "p2tr")
      const proof = yield* proofOf(player)
      const signature = player.wallet.bip137("anything")
      for (let time = 0; time < 6; time++) {
        assert.strictEqual(yield* reasonOf(verify({ ...proof, signature }, undefined)), "ProofInconclusive")
      }
      assert.strictEqual(yield* reasonOf(verify(proof, undefined)), "success")
      assert.strictEqual(yield* reasonOf(challenge("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080")), "InvalidAddress")
    })
  )

  it.effect("stores nothing with which a reader of the database could sign in", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { verify } = yield* SignIn
      const { authenticate, refresh } = yield* Sessions
      const player = newPlayer("dump")
      const open = yield* proofOf(player)
      const { tokens } = yield* verify(yield* proofOf(player), undefined)
      const secrets = [open.nonce, ...[tokens.accessToken, tokens.refreshToken].map(Redacted.value)]
      const rows = yield* Effect.forEach(["signin_challenges", "sessions", "session_tokens"], (table) =>
        sql.unsafe(`SELECT t::text AS row FROM tbg_api.${table} t`)
      )
      const dump = JSON.stringify(rows)
      assert.deepStrictEqual(
        secrets.filter((secret) => dump.includes(secret) || dump.includes(Buffer.from(secret).toString("hex"))),
        []
      )
      const hashes = yield* sql`SELECT encode(hash, 'hex') AS hash FROM tbg_api.session_tokens`
      for (const { hash } of hashes) {
        assert.strictEqual(yield* reasonOf(authenticate(String(hash))), "TokenRefused")
        assert.strictEqual(yield* reasonOf(refresh(String(hash))), "TokenRefused")
      }
    })
  )

  it.effect("writes no token, nonce or signature to a span", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const { verify } = yield* SignIn
      const { refresh } = yield* Sessions
      const proof = yield* proofOf(newPlayer("spans"))
      const { tokens } = yield* Effect.withTracer(verify(proof, undefined), tracer)
      yield* Effect.withTracer(refresh(Redacted.value(tokens.refreshToken)), tracer)
      const text = spans
        .map(({ attributes, events, name }) => inspect([name, attributes, events], { depth: 10 }))
        .join("\n")
      assert.include(text, "SignIn.verify")
      assert.include(text, "DELETE FROM tbg_api.signin_challenges")
      const secrets = [proof.nonce, proof.signature, ...[tokens.accessToken, tokens.refreshToken].map(Redacted.value)]
      for (const secret of secrets) assert.notInclude(text, secret)
    })
  )
})
