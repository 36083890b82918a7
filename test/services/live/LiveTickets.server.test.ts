import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Sessions } from "../../../src/services/auth/Sessions.ts"
import { SignIn } from "../../../src/services/auth/SignIn.ts"
import { LiveTickets } from "../../../src/services/live/LiveTickets.ts"
import { newPlayer, proofOf, realPlayers } from "../../support/PlayerDatabase.ts"

/** A session, and a ticket of it. */
const issued = Effect.fnUntraced(function* (name: string) {
  const { authenticate } = yield* Sessions
  const { verify } = yield* SignIn
  const { tokens } = yield* verify(yield* proofOf(newPlayer(name)), undefined)
  const session = yield* authenticate(Redacted.value(tokens.accessToken))
  const { issue } = yield* LiveTickets
  return { ...session, ticket: Redacted.value(yield* issue(session.sessionId)) }
})

/** Number of the opening, or "refused". */
const opened = Effect.fnUntraced(function* (ticket: string, isResumed: boolean) {
  const { open } = yield* LiveTickets
  return yield* Effect.match(open(ticket, isResumed), {
    onSuccess: ({ ticket }) => ticket.opening,
    onFailure: () => "refused"
  })
})

/** Makes all tickets older. The test's clock would run the timers of the pool for each second of the hours. */
const age = Effect.fnUntraced(function* (span: string) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE tbg_api.live_tickets SET expires_at = expires_at - ${span}::interval`
})

layer(realPlayers)("live tickets", (it) => {
  it.effect("open one stream of their session, and then only resume it, with a higher number each time", () =>
    Effect.gen(function* () {
      const { accountId, sessionId, ticket } = yield* issued("one")
      assert.match(ticket, /^tbgt_[0-9a-f]{32}_[0-9A-Za-z]{38}$/u)
      const first = yield* (yield* LiveTickets).open(ticket, false)
      assert.deepStrictEqual([first.accountId, first.sessionId, first.ticket.opening], [accountId, sessionId, 1])
      assert.deepStrictEqual(yield* Effect.forEach([false, true, true], (resumed) => opened(ticket, resumed)), [
        "refused",
        2,
        3
      ])
    })
  )

  it.effect("are found without use as long as they would open a stream", () =>
    Effect.gen(function* () {
      const { accountId, sessionId, ticket } = yield* issued("found")
      const { find } = yield* LiveTickets
      for (let time = 0; time < 2; time++) assert.deepStrictEqual(yield* find(ticket, false), { accountId, sessionId })
      assert.strictEqual(yield* opened(ticket, false), 1)
      assert.strictEqual((yield* Effect.flip(find(ticket, false)))._tag, "TicketInvalid")
      assert.deepStrictEqual(yield* find(ticket, true), { accountId, sessionId })
    })
  )

  it.effect("expire after 30 seconds, or 24 hours after the first opening", () =>
    Effect.gen(function* () {
      const [late, inTime] = [yield* issued("late"), yield* issued("in time")]
      yield* TestClock.adjust("29999 millis")
      assert.strictEqual(yield* opened(inTime.ticket, true), 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* opened(late.ticket, true), "refused")
      yield* age("23:59:59")
      assert.strictEqual(yield* opened(inTime.ticket, true), 2)
      yield* age("00:00:01")
      assert.strictEqual(yield* opened(inTime.ticket, true), "refused")
    })
  )

  it.effect("end with their session", () =>
    Effect.gen(function* () {
      const { accountId, sessionId, ticket } = yield* issued("revoked")
      assert.strictEqual(yield* opened(ticket, false), 1)
      yield* (yield* Sessions).revoke(accountId, sessionId)
      assert.strictEqual(yield* opened(ticket, true), "refused")
    })
  )

  it.effect("give one of many concurrent openings the stream", () =>
    Effect.gen(function* () {
      const { ticket } = yield* issued("race")
      const openings = yield* Effect.forEach(Array.from({ length: 20 }), () => opened(ticket, false), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        openings.filter((opening) => opening !== "refused"),
        [1]
      )
    })
  )

  it.effect("are refused if they are invented, and cannot be used up by someone who knows the id", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* issued("genuine"), yield* issued("other")]
      const sql = yield* SqlClient.SqlClient
      const wrong = [one.ticket.slice(0, -1), one.ticket.replace("tbgt", "tbgs"), "", other.ticket.slice(0, 38)]
      assert.deepStrictEqual(
        new Set(yield* Effect.forEach(wrong, (ticket) => opened(ticket, true))),
        new Set(["refused"])
      )
      yield* sql`UPDATE tbg_api.live_tickets SET hash = sha256('x') WHERE openings = 0`
      assert.strictEqual(yield* opened(one.ticket, false), "refused")
      assert.deepStrictEqual(
        yield* sql`SELECT FROM tbg_api.live_tickets WHERE session_id = ${one.sessionId} AND openings > 0`,
        []
      )
    })
  )

  it.effect("are removed once they have expired, by new tickets and by a purge", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { issue, purge } = yield* LiveTickets
      const { sessionId } = yield* issued("purge")
      yield* Effect.forEach(Array.from({ length: 30 }), () => issue(sessionId))
      yield* age("25 hours")
      yield* issue(sessionId)
      assert.isAtLeast(yield* purge(5), 5)
      yield* purge(1000)
      assert.strictEqual((yield* sql`SELECT FROM tbg_api.live_tickets`).length, 1)
    })
  )
})
