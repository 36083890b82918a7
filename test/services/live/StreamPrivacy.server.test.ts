import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import type { OutboxEvent } from "../../../src/domain/live/LiveEvent.ts"
import { minerTopic } from "../../../src/domain/live/Topic.ts"
import { Accounts } from "../../../src/services/auth/Accounts.ts"
import { Sessions } from "../../../src/services/auth/Sessions.ts"
import { liveCursors } from "../../../src/services/live/LiveCursors.ts"
import { LiveTickets } from "../../../src/services/live/LiveTickets.ts"
import { checkStreams } from "../../../src/services/live/StreamChecks.ts"
import { collectedStream } from "../../support/live/CollectedStream.ts"
import type { ReceivedEvent } from "../../support/live/CollectedStream.ts"
import { commitEvents, liveHub } from "../../support/live/LiveDatabase.ts"
import { carol } from "../../support/mining/Dashboard.ts"
import { alice, bob } from "../../support/mining/MiningRoutes.ts"

const at = "2026-12-09T10:00:00.000000Z"
const shareOf = (address: string): OutboxEvent => ({
  type: "share",
  address,
  worker: "rig1",
  at,
  difficulty: 16,
  reached: 20
})
const bestOf = (address: string): OutboxEvent => ({
  type: "best",
  address,
  worker: "rig1",
  difficulty: 20,
  previous: null,
  at
})
const blockOf = (address: string): OutboxEvent => ({
  type: "block",
  id: 7,
  height: 900_000,
  hash: null,
  address,
  worker: "rig1",
  difficulty: null,
  at
})

/** Opens a session of the owner of some addresses. */
const signedIn = Effect.fnUntraced(function* (first: string, ...others: ReadonlyArray<string>) {
  const { addAddress, ofAddress } = yield* Accounts
  const { authenticate, open } = yield* Sessions
  const account = yield* ofAddress(first)
  yield* Effect.forEach(others, (address) => addAddress(account, address))
  const { accessToken } = yield* open(account, null)
  const session = yield* authenticate(Redacted.value(accessToken))
  return { session, own: [first, ...others] }
})

/** Types of the events, without states. */
const typesOf = (events: ReadonlyArray<ReceivedEvent>) =>
  events.map(({ type }) => type).filter((type) => type !== "summary" && type !== "board")

const isByeOf = (reason: string) => (event: ReceivedEvent) => event.type === "bye" && event["reason"] === reason
/** A stream gets this state when it has its place in the outbox, so it gets what is committed afterwards. */
const isPoolState = (event: ReceivedEvent) => event.type === "summary" && event["topic"] === "pool"
const isShareOf = (address: string) => (event: ReceivedEvent) => event.type === "share" && event["address"] === address

/** Streams are checked often. */
const checked = checkStreams("50 millis").pipe(Layer.provideMerge(liveHub))

describe("open live streams", () => {
  it.live("end with their session, and no others do", () =>
    Effect.gen(function* () {
      const [one, two] = [yield* signedIn(alice), yield* signedIn(alice)]
      const ended = yield* collectedStream({ topics: ["me"], ...one })
      const others = [yield* collectedStream({ topics: ["me"], ...two }), yield* collectedStream({ topics: ["pool"] })]
      yield* (yield* Sessions).revoke(one.session.accountId, one.session.sessionId)
      yield* ended.until(isByeOf("session_ended"))
      assert.isTrue(yield* ended.isEnded)
      yield* commitEvents([shareOf(alice), bestOf(alice)])
      yield* Effect.forEach(others, ({ until }) => until(({ type }) => type === "best"))
      assert.deepStrictEqual(typesOf(yield* ended.events), ["bye"])
      assert.deepStrictEqual(yield* Effect.forEach(others, ({ isEnded }) => isEnded), [false, false])
    }).pipe(Effect.provide(checked))
  )

  it.live("end if one of their miners becomes hidden, except for the owner's", () =>
    Effect.gen(function* () {
      const owner = yield* signedIn(alice)
      const stranger = yield* signedIn(bob)
      const topics = [minerTopic(alice), minerTopic(carol)]
      const kept = yield* collectedStream({ topics, ...owner })
      const ended = [yield* collectedStream({ topics }), yield* collectedStream({ topics, ...stranger })]
      yield* (yield* Accounts).update(owner.session.accountId, { isPublic: false })
      yield* Effect.forEach(ended, ({ until }) => until(isByeOf("hidden")))
      yield* commitEvents([shareOf(alice)])
      yield* kept.until(isShareOf(alice))
    }).pipe(Effect.provide(checked))
  )

  it.live("end if another process opened a stream with their ticket", () =>
    Effect.gen(function* () {
      const { own, session } = yield* signedIn(alice)
      const { issue, open } = yield* LiveTickets
      const ticket = Redacted.value(yield* issue(session.sessionId))
      const first = yield* collectedStream({
        topics: ["me"],
        session,
        own,
        ticket: (yield* open(ticket, false)).ticket
      })
      yield* open(ticket, true)
      yield* first.until(isByeOf("replaced"))
    }).pipe(Effect.provide(checked))
  )

  it.live("get the events of an address that their account adds", () =>
    Effect.gen(function* () {
      const owner = yield* signedIn(alice)
      const stream = yield* collectedStream({ topics: ["me"], ...owner })
      yield* (yield* Accounts).addAddress(owner.session.accountId, carol)
      // The next check adds it.
      yield* Effect.raceFirst(
        stream.until(isShareOf(carol)),
        Effect.forever(Effect.delay(commitEvents([shareOf(carol)]), "50 millis"))
      )
      assert.isFalse(yield* stream.isEnded)
    }).pipe(Effect.provide(checked))
  )

  it.live("get no event of a miner whose hiding was committed, live or after a cursor", () =>
    Effect.gen(function* () {
      const owner = yield* signedIn(alice)
      const topics = [minerTopic(alice), "pool" as const, "blocks" as const]
      const own = yield* collectedStream({ topics, ...owner })
      const ofStranger = yield* collectedStream({ topics })
      yield* Effect.forEach([own, ofStranger], ({ until }) => until(isPoolState))
      yield* commitEvents([shareOf(alice)])
      yield* ofStranger.until(isShareOf(alice))
      yield* (yield* Accounts).update(owner.session.accountId, { isPublic: false })
      yield* commitEvents([shareOf(alice), bestOf(alice), blockOf(alice), bestOf(carol)])
      yield* own.until((event) => event["address"] === carol)
      const seen = yield* ofStranger.until((event) => event["address"] === carol)
      assert.deepStrictEqual(typesOf(seen), ["share", "block", "best"])
      const block = seen.find(({ type }) => type === "block")
      assert.deepStrictEqual([block?.["address"], block?.["worker"]], [null, null])
      assert.deepStrictEqual(typesOf(yield* own.events), ["share", "share", "best", "block", "best"])
      const { encode } = yield* liveCursors
      const resumed = yield* collectedStream({ topics, cursor: encode({ n: 1, s: 0 }) })
      const replayed = yield* resumed.until((event) => event["address"] === carol)
      assert.deepStrictEqual(typesOf(replayed), ["block", "best"])
    }).pipe(Effect.provide(liveHub))
  )
})
