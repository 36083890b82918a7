import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { endOfEventLoopTurn } from "../support/EventLoopTurn.ts"
import { admitAll, check, down, limiterOver, look, mockStore } from "../support/MockStore.ts"

describe("a store that does not answer", () => {
  it.effect("delays a check by at most its budget", () => {
    const { store } = mockStore(() => Effect.never)
    return Effect.gen(function* () {
      const first = yield* Effect.forkChild(check("a"))
      yield* endOfEventLoopTurn
      const held = yield* Effect.forkChild(check("b"))
      yield* endOfEventLoopTurn
      yield* TestClock.adjust("48 millis")
      assert.isUndefined(first.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      assert.deepInclude(yield* Fiber.join(first), { allowed: true, store: "memory" })
      assert.isUndefined(held.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      assert.deepInclude(yield* Fiber.join(held), { allowed: true, store: "memory" })
    }).pipe(Effect.provide(limiterOver(store)))
  })

  it.effect("gets no call for checks that were waiting when it failed", () => {
    const { asked, store } = mockStore(() => Effect.never)
    return Effect.gen(function* () {
      for (const key of ["a", "b", "c"]) {
        yield* Effect.forkChild(check(key))
        yield* endOfEventLoopTurn
        yield* TestClock.adjust("1 milli")
      }
      yield* TestClock.adjust("48500 micros")
      const held = yield* Effect.forkChild(check("d"))
      yield* endOfEventLoopTurn
      yield* TestClock.adjust("500 micros")
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(
        asked.map((asks) => asks.map(({ key }) => key)).filter(([key]) => key !== "probe"),
        [["ip:a"], ["ip:b"], ["ip:c"]]
      )
      assert.strictEqual((yield* Fiber.join(held)).store, "memory")
    }).pipe(Effect.provide(limiterOver(store)))
  })

  it.effect("is replaced by the in-process log, which admits its share of the limit", () => {
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

  it.effect.each<readonly [string, Effect.Effect<never>]>([
    ["dies", Effect.die(new Error("a defect"))],
    ["is interrupted", Effect.interrupt]
  ])("counts as unavailable if asking it %s, and is used again afterwards", ([, fault]) =>
    Effect.gen(function* () {
      let isAtFault = true
      const { asked, store } = mockStore((asks) => (isAtFault ? fault : admitAll(asks)))
      const logs = yield* capturedLogs
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* look("a")).store, "memory")
        const decisions = yield* Effect.forEach(["a", "b", "c"], check)
        assert.deepStrictEqual(
          decisions.map(({ allowed, store }) => [allowed, store]),
          Array.from({ length: 3 }, () => [true, "memory"])
        )
        assert.strictEqual(asked.length, 3)
        yield* TestClock.adjust("250 millis")
        isAtFault = false
        yield* TestClock.adjust("250 millis")
        assert.strictEqual((yield* check("a")).store, "redis")
      }).pipe(Effect.provide(limiterOver(store)), Effect.provide(logs.layer))
      const failure = { level: "Error", message: "rate-limit check in Redis failed" }
      assert.deepStrictEqual(logs.entries, [
        failure,
        failure,
        failure,
        { level: "Warn", message: "Redis unavailable; rate limits fall back to in-process counters" },
        failure,
        { level: "Info", message: "Redis available; rate limits are counted there again" }
      ])
    })
  )

  it.effect("gets no call after three failures until a probe succeeds, with one log line each way", () =>
    Effect.gen(function* () {
      let away = true
      const { asked, store } = mockStore((asks) => (away ? down : admitAll(asks)))
      const logs = yield* capturedLogs
      yield* Effect.gen(function* () {
        yield* Effect.forEach(["a", "b", "c", "d", "e"], check)
        assert.strictEqual(asked.length, 3)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(
          asked.slice(3).map((asks) => asks.map(({ count, key, policy }) => [key, count, policy.limit])),
          Array.from({ length: 4 }, () => [["probe", 1, 1]])
        )
        away = false
        yield* TestClock.adjust("250 millis")
        assert.strictEqual((yield* check("a")).store, "redis")
      }).pipe(Effect.provide(limiterOver(store)), Effect.provide(logs.layer))
      assert.deepStrictEqual(logs.entries, [
        { level: "Warn", message: "Redis unavailable; rate limits fall back to in-process counters" },
        { level: "Info", message: "Redis available; rate limits are counted there again" }
      ])
    })
  )

  it.effect("is still used after two failures in a row", () => {
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

  it.effect("does not affect an interrupted caller", () => {
    const { store } = mockStore(() => Effect.never)
    return Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(check("a"))
      yield* endOfEventLoopTurn
      yield* Fiber.interrupt(waiting)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
      yield* TestClock.adjust("50 millis")
    }).pipe(Effect.provide(limiterOver(store)))
  })
})
