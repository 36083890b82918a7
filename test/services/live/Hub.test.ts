import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import { AccountId } from "../../../src/domain/Account.ts"
import { heartbeatFrame } from "../../../src/domain/live/Frame.ts"
import { LiveTicketId } from "../../../src/domain/live/Ticket.ts"
import { SessionId } from "../../../src/domain/Session.ts"
import { liveCursors } from "../../../src/services/live/LiveCursors.ts"
import type { LiveHub } from "../../../src/services/live/LiveHub.ts"
import type { Subscription } from "../../../src/services/live/Subscription.ts"
import { eventsIn } from "../../support/live/CollectedStream.ts"
import { commitNow, eventOf, LiveWorld } from "../../support/live/LiveWorld.ts"
import { memoryProcess, testCursors } from "../../support/live/MemoryHub.ts"

const anonymous: Subscription = { topics: [], session: undefined, own: [], ticket: undefined, cursor: undefined }
const id = "0198a2e4-7d3a-7cc1-9f00-0123456789ab"
const session = { accountId: AccountId.make(id), sessionId: SessionId.make(id) }

/** Opens a stream that reads at once, and returns a function that reads its text. */
const collected = (hub: LiveHub["Service"], subscription: Partial<Subscription>) => {
  const decoder = new TextDecoder()
  let text = ""
  hub.open(
    { ...anonymous, ...subscription },
    {
      write: (chunks, onFlushed) => {
        for (const chunk of chunks) text += decoder.decode(chunk)
        queueMicrotask(onFlushed)
      },
      end: () => {},
      destroy: () => {}
    }
  )
  return () => text
}

const typesIn = (text: string) =>
  eventsIn(text)
    .map(({ type }) => type)
    .filter((type) => type !== "summary")

const cursorAt = Effect.fnUntraced(function* (n: number) {
  const { encode } = yield* Effect.provide(liveCursors, Context.merge(Context.empty(), yield* Layer.build(testCursors)))
  return encode({ n, s: 0 })
})

describe("LiveHub", () => {
  it.effect(
    "continues a stream whose cursor is ahead of this process, and resets one that is ahead of the outbox",
    () =>
      Effect.gen(function* () {
        const world = new LiveWorld()
        const hub = yield* memoryProcess(world)
        yield* TestClock.adjust(100)
        yield* commitNow(world, [eventOf("network", "alice", 1)])
        const ahead = collected(hub, { topics: ["network"], cursor: yield* cursorAt(1) })
        const impossible = collected(hub, { topics: ["network"], cursor: yield* cursorAt(2) })
        yield* commitNow(world, [])
        yield* TestClock.adjust(100)
        yield* commitNow(world, [eventOf("network", "alice", 2)])
        yield* TestClock.adjust(100)
        assert.deepStrictEqual(typesIn(ahead()), ["network"])
        assert.deepStrictEqual(typesIn(impossible()), ["reset", "network"])
      })
  )

  it.effect("sends the events of a hidden miner to its owner only, and its blocks to others without a name", () =>
    Effect.gen(function* () {
      const world = new LiveWorld()
      const hub = yield* memoryProcess(world, {}, yield* Ref.make<ReadonlySet<string>>(new Set(["alice"])))
      yield* TestClock.adjust(100)
      const start = yield* cursorAt(0)
      const owner = collected(hub, { topics: ["me", "pool"], session, own: ["alice"] })
      const stranger = collected(hub, { topics: ["pool", "blocks", "miner:alice"] })
      const types = ["share", "worker", "best", "block"] as const
      yield* commitNow(world, [...types.map((type) => eventOf(type, "alice", 1)), eventOf("best", "bob", 2)])
      yield* TestClock.adjust(100)
      const late = collected(hub, { topics: ["pool", "blocks", "miner:alice"], cursor: start })
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(typesIn(owner()), ["share", "worker", "best", "block", "best"])
      for (const text of [stranger(), late()]) {
        assert.deepStrictEqual(typesIn(text), ["block", "best"])
        assert.notInclude(text, "alice")
      }
    })
  )

  it.effect("sends a comment with the current id every 15 seconds", () =>
    Effect.gen(function* () {
      const world = new LiveWorld()
      const hub = yield* memoryProcess(world)
      yield* TestClock.adjust(100)
      const text = collected(hub, { topics: ["network"] })
      yield* commitNow(world, [eventOf("best", "alice", 1)])
      yield* TestClock.adjust("30 seconds")
      const beat = new TextDecoder().decode(heartbeatFrame(yield* cursorAt(1)))
      assert.strictEqual(text().split(beat).length, 3)
    })
  )

  it.effect("ends the older of two streams with one ticket", () =>
    Effect.gen(function* () {
      const hub = yield* memoryProcess(new LiveWorld())
      yield* TestClock.adjust(100)
      const ticket = { id: LiveTicketId.make(id), opening: 1 }
      const older = collected(hub, { topics: ["me"], session, ticket })
      const newer = collected(hub, { topics: ["me"], session, ticket: { ...ticket, opening: 2 } })
      assert.include(older(), '"reason":"replaced"')
      assert.notInclude(newer(), "bye")
      assert.lengthOf(yield* hub.streams, 1)
    })
  )
})
