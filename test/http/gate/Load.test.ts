import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { lookMs, makeLoad, makeLoopState } from "../../../src/http/gate/Load.ts"
import { capturedLogs } from "../../support/CapturedLogs.ts"
import { freshRegistry } from "../../support/FreshRegistry.ts"

describe("the state of the event loop", () => {
  const statesOf = (maxDelayMs: number, delays: ReadonlyArray<number>) => delays.map(makeLoopState(maxDelayMs))

  it("is overloaded when two looks in a row were late, until one is in time", () => {
    assert.deepStrictEqual(statesOf(500, [501, 501, 900, 0, 501]), [false, true, true, false, false])
  })

  it("is not overloaded by one look that was late, however much", () => {
    assert.deepStrictEqual(statesOf(500, [9000, 500, 9000, 0]), [false, false, false, false])
  })

  it("is never overloaded where that is turned off", () => {
    assert.deepStrictEqual(statesOf(0, [9000, 9000, 9000]), [false, false, false])
  })
})

const shedSoFar = Effect.map(Metric.snapshot, (metrics) =>
  metrics.flatMap(({ attributes, id, state }) =>
    id === "http_requests_shed_total" && "count" in state ? [[attributes?.["reason"], Number(state.count)]] : []
  )
)

describe("an overload", () => {
  it.effect("is logged when it begins and when it has ended, and counted in between", () =>
    Effect.gen(function* () {
      const { entries, layer } = yield* capturedLogs
      yield* Effect.gen(function* () {
        const load = yield* makeLoad({ maxInFlight: 2, maxDelayMs: 500 })
        yield* Effect.forkScoped(Effect.repeat(load.look, Schedule.spaced(lookMs)))
        assert.strictEqual(load.capacity, 2)
        for (let refused = 0; refused < 3; refused++) load.shed()
        yield* TestClock.adjust("500 millis")
        load.shed()
        yield* TestClock.adjust("900 millis")
        assert.deepStrictEqual(entries, [{ level: "Warn", message: "overloaded: requests are refused" }])
        yield* TestClock.adjust("300 millis")
        load.shed()
        assert.deepStrictEqual(
          entries.map(({ level }) => level),
          ["Warn", "Info", "Warn"]
        )
        assert.sameDeepMembers(yield* shedSoFar, [
          ["in_flight", 5],
          ["event_loop", 0]
        ])
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped, freshRegistry)
  )
})
