import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Metric } from "effect"
import { TestClock } from "effect/testing"
import type { Policy } from "../../src/domain/RateLimit.ts"
import { RateLimiter } from "../../src/services/RateLimiter.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { admitAll, down, limiterOver, mockStore } from "../support/MockStore.ts"

const policy: Policy = { name: "ip", limit: 4, windowMicros: 1_000_000, cost: 1 }

const check = (key: string) => Effect.flatMap(RateLimiter, (limiter) => limiter.check(policy, key))

/** The batch of this turn of the event loop has left. */
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

describe("checks of one turn", () => {
  it.effect("travel together, equal keys as one with a count, and each gets its own place", () => {
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

  it.effect("go a key at a time where keys may be on other nodes, and nothing after the last", () => {
    const { asked, store } = mockStore(admitAll, { together: 1 })
    return Effect.gen(function* () {
      yield* Effect.forEach(["a", "b", "c"], check, { concurrency: "unbounded" })
      yield* turn
      assert.deepStrictEqual(
        asked.map((asks) => asks.map(({ key }) => key)),
        [["ip:a"], ["ip:b"], ["ip:c"]]
      )
    }).pipe(Effect.provide(limiterOver(store)))
  })
})

describe("a store that does not answer", () => {
  it.effect("costs a check no more than its budget", () => {
    const { store } = mockStore(() => Effect.never)
    return Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(check("a"))
      yield* turn
      yield* TestClock.adjust("49 millis")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      const { allowed, store } = yield* Fiber.join(waiting)
      assert.deepStrictEqual([allowed, store], [true, "memory"])
    }).pipe(Effect.provide(limiterOver(store)))
  })

  it.effect("is replaced by this process, which admits its share of the limit", () => {
    const { store } = mockStore(() => down)
    return Effect.gen(function* () {
      const decisions = yield* Effect.forEach(["a", "a", "a"], check)
      assert.deepStrictEqual(
        decisions.map(({ allowed, policy, remaining }) => [allowed, policy.limit, remaining]),
        [
          [true, 2, 1],
          [true, 2, 0],
          [false, 2, 0]
        ]
      )
    }).pipe(Effect.provide(limiterOver(store, 3)))
  })

  it.effect("is not asked any more after three failures, until a probe succeeds; the log says so once each way", () =>
    Effect.gen(function* () {
      let away = true
      const { asked, store } = mockStore((asks) => (away ? down : admitAll(asks)))
      const logs = yield* capturedLogs
      yield* Effect.gen(function* () {
        yield* Effect.forEach(["a", "b", "c", "d", "e"], check)
        assert.strictEqual(asked.length, 3)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(
          asked.slice(3).map((asks) => asks.map(({ count, key, policy }) => [key, count, policy.limit, policy.cost])),
          Array.from({ length: 4 }, () => [["probe", 1, 1, 1]])
        )
        away = false
        yield* TestClock.adjust("250 millis")
        assert.strictEqual((yield* check("a")).store, "redis")
      }).pipe(Effect.provide(limiterOver(store)), Effect.provide(logs.layer))
      assert.deepStrictEqual(logs.entries, [
        { level: "Warn", message: "the rate limiter counts in this process: redis cannot be used" },
        { level: "Info", message: "the rate limiter counts in redis again" }
      ])
    })
  )

  it.effect("is forgiven two failures in a row", () => {
    let calls = 0
    const { asked, store } = mockStore((asks) => ((calls += 1) % 3 === 0 ? admitAll(asks) : down))
    return Effect.gen(function* () {
      yield* Effect.forEach(
        Array.from({ length: 9 }, (_, index) => String(index)),
        check
      )
      assert.strictEqual(asked.length, 9)
    }).pipe(Effect.provide(limiterOver(store)))
  })

  it.effect("leaves an interrupted caller alone", () => {
    const { store } = mockStore(() => Effect.never)
    return Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(check("a"))
      yield* turn
      yield* Fiber.interrupt(waiting)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
      yield* TestClock.adjust("50 millis")
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
      const begun = performance.now()
      yield* Effect.forEach(["a", "a", "a"], check, { concurrency: "unbounded" })
      const elapsed = performance.now() - begun
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
      for (const { sum } of trips) assert.isAtMost(sum * 1000, elapsed)
    }).pipe(Effect.provide(limiterOver(store)), Effect.provideService(Metric.MetricRegistry, new Map()))
  })
})
