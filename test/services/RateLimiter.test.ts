import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import { endOfEventLoopTurn } from "../support/EventLoopTurn.ts"
import { admitAll, check, down, limiterOver, mockStore } from "../support/MockStore.ts"

describe("checks of one batch", () => {
  it.effect("are sent together, with a count for equal keys, and each gets its own place", () => {
    const { asked, store } = mockStore((asks) =>
      Effect.succeed(
        asks.map(({ key }) => ({ used: key === "ip:a" ? 2 : 0, admitted: 2, resetMicros: 7, retryMicros: 5 }))
      )
    )
    return Effect.gen(function* () {
      const decisions = yield* Effect.forEach(["a", "b", "a", "a"], check, { concurrency: "unbounded" })
      assert.deepStrictEqual(
        asked.map((asks) => asks.map(({ count, key }) => [key, count])),
        [
          [
            ["ip:a", 3],
            ["ip:b", 1]
          ]
        ]
      )
      assert.deepStrictEqual(
        decisions.map(({ allowed, remaining, retryMicros, store }) => [allowed, remaining, retryMicros, store]),
        [
          [true, 1, 0, "redis"],
          [true, 3, 0, "redis"],
          [true, 0, 0, "redis"],
          [false, 0, 5, "redis"]
        ]
      )
    }).pipe(Effect.provide(limiterOver(store)))
  })

  it.effect("are sent one key at a time if keys may be on other nodes, and none after the last", () => {
    const { asked, store } = mockStore(admitAll, { keysPerCall: 1 })
    return Effect.gen(function* () {
      yield* Effect.forEach(["a", "b", "c"], check, { concurrency: "unbounded" })
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(
        asked.map((asks) => asks.map(({ key }) => key)),
        [["ip:a"], ["ip:b"], ["ip:c"]]
      )
    }).pipe(Effect.provide(limiterOver(store)))
  })
})

describe("the limiter's metrics", () => {
  it.effect("count decisions, callers near their limit, and fallbacks", () => {
    const { store } = mockStore(() => down)
    return Effect.gen(function* () {
      yield* Effect.forEach(["z", "z", "z", "z", "z"], check)
      const counts = (yield* Metric.snapshot).flatMap(({ attributes, id, state }) =>
        "count" in state && id.startsWith("tbg_rate_limit") ? [[id, { ...attributes }, Number(state.count)]] : []
      )
      assert.sameDeepMembers(
        counts.filter(([, , count]) => count !== 0),
        [
          ["tbg_rate_limit_decisions_total", { policy: "ip", outcome: "allowed", store: "memory" }, 4],
          ["tbg_rate_limit_decisions_total", { policy: "ip", outcome: "denied", store: "memory" }, 1],
          ["tbg_rate_limit_near_limit_total", { policy: "ip" }, 1],
          ["tbg_rate_limit_fallbacks_total", { policy: "ip" }, 5]
        ]
      )
    }).pipe(Effect.provide(limiterOver(store)), Effect.provideService(Metric.MetricRegistry, new Map()))
  })

  it.effect("count what the store has decided, and how long it took", () => {
    const { store } = mockStore(() =>
      Effect.succeed([{ used: 2, admitted: 1, resetMicros: 1_000_000, retryMicros: 1_000_000 }])
    )
    return Effect.gen(function* () {
      yield* Effect.forEach(["a", "a", "a"], check, { concurrency: "unbounded" })
      const metrics = yield* Metric.snapshot
      const decisions = metrics.flatMap(({ attributes, id, state }) =>
        "count" in state && id === "tbg_rate_limit_decisions_total" ? [[{ ...attributes }, Number(state.count)]] : []
      )
      assert.sameDeepMembers(
        decisions.filter(([, count]) => count !== 0),
        [
          [{ policy: "ip", outcome: "allowed", store: "redis" }, 1],
          [{ policy: "ip", outcome: "denied", store: "redis" }, 2]
        ]
      )
      const trips = metrics.flatMap(({ id, state }) =>
        "sum" in state && id === "tbg_rate_limit_check_duration_seconds" ? [state] : []
      )
      assert.deepStrictEqual(
        trips.map(({ count }) => count),
        [1]
      )
    }).pipe(Effect.provide(limiterOver(store)), Effect.provideService(Metric.MetricRegistry, new Map()))
  })
})
