import { assert, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { default as fc } from "fast-check"
import type { OutboxEvent } from "../../../src/domain/live/LiveEvent.ts"
import { liveCursors } from "../../../src/services/live/LiveCursors.ts"
import type { LiveHub } from "../../../src/services/live/LiveHub.ts"
import { maxWaitingBytes } from "../../../src/services/live/LiveStream.ts"
import { commitNow, eventOf, LiveWorld, miners } from "../../support/live/LiveWorld.ts"
import { memoryProcess, testCursors } from "../../support/live/MemoryHub.ts"
import { ScriptedClient } from "../../support/live/ScriptedStream.ts"

const seed = 7
const clientCount = 3
const limits = { maxAgeMs: 5000, stalledMs: 3000 }

const client = fc.nat(clientCount - 1)
const event = fc.record({
  type: fc.constantFrom<OutboxEvent["type"]>("share", "share", "share", "worker", "best", "block", "network"),
  miner: fc.constantFrom(...miners),
  repeat: fc.constantFrom(1, 1, 5, 150)
})
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("commit" as const), events: fc.array(event, { maxLength: 5 }) })
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("open" as const), client }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), client }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("slow" as const, "fast" as const), client }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("burst" as const), client, miner: fc.constantFrom(...miners) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(10, 60, 60, 1000, 4000) })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("crash" as const, "drain" as const, "trim" as const, "outage" as const)
    })
  }
)
const topicNames = ["pool", "network", "blocks", "miner:alice", "miner:bob"] as const
const plans = fc.record({
  topics: fc.array(fc.subarray([...topicNames], { minLength: 1 }), { minLength: clientCount, maxLength: clientCount }),
  steps: fc.array(step, { minLength: 5, maxLength: 40 })
})
type Plan = typeof plans extends fc.Arbitrary<infer A> ? A : never

/** Counts of what the runs covered. */
const covered = { gaps: 0, resets: 0, byes: 0 }

const run = Effect.fnUntraced(function* ({ steps, topics }: Plan) {
  const world = new LiveWorld()
  const ids = yield* Effect.provide(liveCursors, Context.empty().pipe(Context.merge(yield* Layer.build(testCursors))))
  const clients = topics.map((topics) => new ScriptedClient(topics, world, ids))
  let value = 0

  const start = Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Scope.Scope)
    return { scope, hub: yield* Scope.provide(memoryProcess(world, limits), scope) }
  })
  let process: { readonly scope: Scope.Closeable; readonly hub: LiveHub["Service"] } = yield* start
  const restart = Effect.gen(function* () {
    for (const client of clients) client.close()
    yield* Scope.close(process.scope, Exit.void)
    process = yield* start
  })

  for (const client of clients) client.open(process.hub)
  for (const step of steps) {
    switch (step.do) {
      case "commit": {
        const events = step.events.flatMap(({ miner, repeat, type }) =>
          Array.from({ length: repeat }, () => eventOf(type, miner, (value += 1)))
        )
        if (events.length > 0) yield* commitNow(world, events)
        break
      }
      case "open":
        clients[step.client]?.open(process.hub)
        break
      case "close":
        clients[step.client]?.close()
        break
      case "slow":
      case "fast": {
        const client = clients[step.client]
        if (client === undefined) break
        client.isFast = step.do === "fast"
        if (client.isFast) client.read()
        break
      }
      case "burst": {
        const client = clients[step.client]
        if (client !== undefined) client.isFast = false
        yield* commitNow(
          world,
          Array.from({ length: 500 }, () => eventOf("share", step.miner, (value += 1)))
        )
        yield* TestClock.adjust(100)
        break
      }
      case "wait":
        yield* TestClock.adjust(step.ms)
        break
      case "drain":
        yield* process.hub.drain(1000)
        yield* restart
        break
      case "crash":
        yield* restart
        break
      case "trim":
        yield* TestClock.adjust(limits.maxAgeMs + 1000)
        world.removeRows()
        break
      case "outage":
        world.isAway = true
        yield* TestClock.adjust(100)
        yield* commitNow(world, [eventOf("network", "alice", (value += 1))])
        world.removeRows()
        world.isAway = false
        break
    }
    for (const { unreadBytes } of clients) assert.isAtMost(unreadBytes, maxWaitingBytes)
  }

  for (let round = 0; round < 20; round++) {
    for (const client of clients) {
      client.isFast = true
      client.read()
      client.open(process.hub)
    }
    yield* TestClock.adjust(500)
  }
  for (const client of clients) {
    if (client.failure !== undefined) return yield* Effect.die(client.failure)
    assert.isTrue(client.isOpen)
    assert.deepStrictEqual(client.state, world.snapshot(client.topics).state)
    covered.gaps += client.gaps
    covered.resets += client.resets
    covered.byes += client.byes.length
  }
})

it(
  "gives every client the state of REST, no event twice, and a notice of every loss",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(plans, (plan) =>
        Effect.runPromise(run(plan).pipe(Effect.scoped, Effect.provide(TestClock.layer())))
      ),
      { seed, numRuns: fc.readConfigureGlobal().numRuns ?? 60, includeErrorInReport: true }
    )
    assert.isAbove(covered.gaps, 0, "gaps")
    assert.isAbove(covered.resets, 0, "resets")
    assert.isAbove(covered.byes, 0, "byes")
  }
)
