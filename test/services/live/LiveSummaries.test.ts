import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import { minerTopic } from "../../../src/domain/live/Topic.ts"
import { LiveSummaries } from "../../../src/services/live/LiveSummaries.ts"
import { Miners } from "../../../src/services/mining/Miners.ts"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import type { CurrentStatus } from "../../../src/services/mining/MiningStatus.ts"
import { knownMiner, memoryMining } from "../../support/mining/MemoryMining.ts"
import { memoryTeams } from "../../support/TestTeams.ts"

const current: CurrentStatus = {
  version: "1",
  outbox: "1",
  lag_ms: 200,
  last_event_at: null,
  status: "ok",
  is_led: true,
  leader: true,
  duplicates: 0,
  quarantined: 0,
  refills: 0
}

/** Summaries of mining data whose status is what `status` does. */
const summariesOf = (status: Effect.Effect<CurrentStatus>, changed: Layer.Layer<Miners> = memoryMining) =>
  LiveSummaries.layer.pipe(
    Layer.provide(
      Layer.succeed(MiningStatus, {
        current: status,
        position: Effect.succeed({ version: "1", outbox: "1", lag_ms: 0, last_event_at: null })
      })
    ),
    Layer.provide(changed),
    Layer.provide([memoryMining, memoryTeams])
  )

const stateOfMining = Effect.gen(function* () {
  const { of } = yield* LiveSummaries
  const [event] = yield* of("mining")
  return event?.type === "summary" && event.topic === "mining" ? event.state : undefined
})

describe("summaries", () => {
  it.effect("report stale data that ages from the last answer while Postgres does not answer", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000)
      const answer = yield* Ref.make<Effect.Effect<CurrentStatus>>(Effect.succeed(current))
      yield* Effect.gen(function* () {
        const at = (seconds: number) => `1970-01-01T00:16:${seconds.toFixed(6)}Z`
        assert.deepStrictEqual(yield* stateOfMining, { status: "ok", lag_ms: 200, as_of: at(39.8) })
        yield* Ref.set(answer, Effect.never)
        const first = yield* Effect.forkChild(stateOfMining)
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(yield* Fiber.join(first), { status: "stale", lag_ms: 2200, as_of: at(39.8) })
        yield* Ref.set(answer, Effect.die("no session"))
      }).pipe(Effect.provide(summariesOf(Effect.flatten(Ref.get(answer)))))
    })
  )

  it.effect("report stale data if events wait for more than 5 seconds, and what the projection says otherwise", () =>
    Effect.gen(function* () {
      const stateFor = (changes: Partial<CurrentStatus>) =>
        Effect.map(
          Effect.provide(stateOfMining, summariesOf(Effect.succeed({ ...current, ...changes }))),
          (state) => state?.status
        )
      assert.strictEqual(yield* stateFor({ lag_ms: 5000 }), "ok")
      assert.strictEqual(yield* stateFor({ lag_ms: 5001 }), "stale")
      assert.strictEqual(yield* stateFor({ lag_ms: 0, status: "idle" }), "idle")
      assert.strictEqual(yield* stateFor({ lag_ms: 90_000, status: "off" }), "off")
      assert.strictEqual(
        yield* Effect.map(
          Effect.provide(stateOfMining, summariesOf(Effect.die("no session"))),
          (state) => state?.status
        ),
        "stale"
      )
    })
  )

  it.effect("read at most two topics at once, and have no event for an unknown miner", () =>
    Effect.gen(function* () {
      let reading = 0
      let most = 0
      const miners = Layer.effect(
        Miners,
        Effect.map(Miners, (miners) => ({
          ...miners,
          find: (address: string, now: number) =>
            Effect.suspend(() => {
              reading += 1
              most = Math.max(most, reading)
              return Effect.ensuring(
                Effect.andThen(Effect.yieldNow, miners.find(address, now)),
                Effect.sync(() => (reading -= 1))
              )
            })
        }))
      ).pipe(Layer.provide(memoryMining))
      yield* Effect.gen(function* () {
        const { of } = yield* LiveSummaries
        const topics = Array.from({ length: 20 }, (_, index) => minerTopic(index === 0 ? knownMiner : `x${index}`))
        const events = yield* Effect.forEach(topics, of, { concurrency: "unbounded" })
        assert.deepStrictEqual(
          events.flat().map((event) => event.type === "summary" && event.topic),
          [minerTopic(knownMiner)]
        )
        assert.strictEqual(most, 2)
      }).pipe(Effect.provide(summariesOf(Effect.succeed(current), miners)))
    })
  )
})
