import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { TokenPair } from "../../../src/domain/Session.ts"
import { Sessions } from "../../../src/services/auth/Sessions.ts"
import { SignIn } from "../../../src/services/auth/SignIn.ts"
import { newPlayer, proofOf, realPlayers } from "../../support/PlayerDatabase.ts"

const signIn = Effect.fnUntraced(function* (name: string, userAgent?: string) {
  const { verify } = yield* SignIn
  const { account, tokens } = yield* verify(yield* proofOf(newPlayer(name)), userAgent)
  return { account: account.id, tokens }
})

/** Why a token is refused, or "accepted". */
const stateOf = Effect.fnUntraced(function* ({ accessToken }: TokenPair) {
  const { authenticate } = yield* Sessions
  return yield* Effect.match(authenticate(Redacted.value(accessToken)), {
    onSuccess: () => "accepted",
    onFailure: ({ fault }) => fault
  })
})
const refreshed = Effect.fnUntraced(function* ({ refreshToken }: TokenPair) {
  const { refresh } = yield* Sessions
  return yield* Effect.map(refresh(Redacted.value(refreshToken)), ({ pair }) => pair)
})
const refreshFault = ({ refreshToken }: TokenPair) =>
  Effect.flatMap(Sessions, ({ refresh }) =>
    Effect.match(refresh(Redacted.value(refreshToken)), {
      onSuccess: () => "accepted",
      onFailure: ({ fault }) => fault
    })
  )

/** Makes all sessions older. The test's clock would run the timers of the pool for each second of the days. */
const age = Effect.fnUntraced(function* (days: number) {
  const sql = yield* SqlClient.SqlClient
  const span = `${days} days`
  yield* sql`UPDATE tbg_api.session_tokens SET expires_at = expires_at - ${span}::interval`
  yield* sql`UPDATE tbg_api.sessions SET expires_at = expires_at - ${span}::interval`
})

layer(realPlayers)("sessions", (it) => {
  it.effect("expire an hour after their tokens were created, unless they are refreshed", () =>
    Effect.gen(function* () {
      const { tokens } = yield* signIn("expiry")
      yield* TestClock.adjust("3599 seconds")
      assert.strictEqual(yield* stateOf(tokens), "accepted")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* stateOf(tokens), "expired")
      yield* age(29)
      const second = yield* refreshed(tokens)
      assert.strictEqual(yield* stateOf(second), "accepted")
      yield* age(30)
      assert.strictEqual(yield* refreshFault(second), "expired")
    })
  )

  it.effect("return another pair for a refresh token that is reused within 20 seconds", () =>
    Effect.gen(function* () {
      const { tokens } = yield* signIn("two tabs")
      const first = yield* refreshed(tokens)
      yield* TestClock.adjust("20 seconds")
      const second = yield* refreshed(tokens)
      assert.deepStrictEqual(yield* Effect.forEach([tokens, first, second], stateOf), Array(3).fill("accepted"))
      assert.strictEqual(yield* refreshFault(first), "accepted")
      assert.strictEqual(yield* refreshFault(second), "accepted")
    })
  )

  it.effect("are revoked with all their tokens if a refresh token is reused later", () =>
    Effect.gen(function* () {
      const { account, tokens } = yield* signIn("stolen")
      const other = yield* signIn("stolen")
      const first = yield* refreshed(tokens)
      const second = yield* refreshed(first)
      yield* TestClock.adjust("21 seconds")
      assert.strictEqual(yield* refreshFault(tokens), "reused")
      assert.deepStrictEqual(yield* Effect.forEach([tokens, first, second], stateOf), Array(3).fill("revoked"))
      assert.strictEqual(yield* refreshFault(second), "revoked")
      assert.strictEqual(yield* stateOf(other.tokens), "accepted")
      const { list } = yield* Sessions
      assert.strictEqual((yield* list(account)).length, 1)
    })
  )

  it.effect("survive 20 refreshes with one token at once", () =>
    Effect.gen(function* () {
      const { account, tokens } = yield* signIn("many tabs")
      const pairs = yield* Effect.forEach(Array.from({ length: 20 }), () => refreshed(tokens), {
        concurrency: "unbounded"
      })
      const states = yield* Effect.forEach(pairs, stateOf)
      assert.deepStrictEqual(new Set(states), new Set(["accepted"]))
      const { list } = yield* Sessions
      assert.strictEqual((yield* list(account)).length, 1)
    })
  )

  it.effect("can be listed and revoked only by their owner", () =>
    Effect.gen(function* () {
      const { authenticate, list, revoke, revokeAll } = yield* Sessions
      const one = yield* signIn("owner", "Mozilla/5.0")
      const two = yield* signIn("owner")
      const stranger = yield* signIn("stranger")
      const { sessionId } = yield* authenticate(Redacted.value(one.tokens.accessToken))
      assert.deepStrictEqual(
        (yield* list(one.account)).map(({ userAgent }) => userAgent),
        [null, "Mozilla/5.0"]
      )
      assert.strictEqual((yield* Effect.flip(revoke(stranger.account, sessionId)))._tag, "SessionNotFound")
      yield* revoke(one.account, sessionId)
      assert.strictEqual((yield* Effect.flip(revoke(one.account, sessionId)))._tag, "SessionNotFound")
      const tokens = [one, two, stranger].map(({ tokens }) => tokens)
      assert.deepStrictEqual(yield* Effect.forEach(tokens, stateOf), ["revoked", "accepted", "accepted"])
      yield* revokeAll(one.account)
      assert.deepStrictEqual(yield* Effect.forEach(tokens, stateOf), ["revoked", "revoked", "accepted"])
    })
  )

  it.effect("refuse tokens of the other kind, and tokens whose checksum or secret is wrong", () =>
    Effect.gen(function* () {
      const { authenticate, refresh } = yield* Sessions
      const { tokens } = yield* signIn("forged")
      const [access, renewal] = [tokens.accessToken, tokens.refreshToken].map(Redacted.value)
      assert.match(access ?? "", /^tbgs_[0-9a-f]{32}_[0-9A-Za-z]{38}$/u)
      assert.match(renewal ?? "", /^tbgr_[0-9a-f]{32}_[0-9A-Za-z]{38}$/u)
      const other = yield* signIn("forged")
      const stolenId = Redacted.value(other.tokens.accessToken).slice(0, 38) + (access ?? "").slice(38)
      assert.strictEqual((yield* Effect.flip(authenticate(renewal ?? ""))).fault, "malformed")
      assert.strictEqual((yield* Effect.flip(refresh(access ?? ""))).fault, "malformed")
      assert.strictEqual((yield* Effect.flip(authenticate(`${access?.slice(0, -1)}!`))).fault, "malformed")
      assert.strictEqual((yield* Effect.flip(authenticate(stolenId))).fault, "malformed")
    })
  )

  it.effect("record their last use to the minute, and are purged once they have expired", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { list, purge } = yield* Sessions
      const { account, tokens } = yield* signIn("last use")
      const lastUse = Effect.map(list(account), ([session]) => session?.lastUsedAt.epochMilliseconds ?? 0)
      const before = yield* lastUse
      yield* TestClock.adjust("59 seconds")
      yield* stateOf(tokens)
      assert.strictEqual(yield* lastUse, before)
      yield* TestClock.adjust("1 second")
      yield* stateOf(tokens)
      // The write is in the background.
      const after = yield* Effect.repeat(lastUse, { until: (at) => at !== before })
      assert.strictEqual(after, before + 60_000)
      yield* age(31)
      assert.isAtLeast(yield* purge(1000), 1)
      assert.deepStrictEqual(yield* sql`SELECT FROM tbg_api.session_tokens`, [])
    })
  )
})
