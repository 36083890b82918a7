import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Policy } from "../../src/domain/RateLimit.ts"
import { admitAll, check, down, limiterOver, look, mockStore, policy } from "../support/MockStore.ts"

const half: Policy = { ...policy, limit: 2 }

describe("a read of a limit", () => {
  it.effect("requests only the current count from the store", () => {
    const { asked, store } = mockStore(() =>
      Effect.succeed([{ used: 3, admitted: 0, resetMicros: 700_000, retryMicros: 0 }])
    )
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* look("a"), {
        allowed: true,
        policy,
        remaining: 1,
        resetMicros: 700_000,
        retryMicros: 0,
        store: "redis"
      })
      assert.deepStrictEqual(asked, [[{ key: "ip:a", policy, count: 0 }]])
    }).pipe(Effect.provide(limiterOver(store)))
  })

  it.effect("returns what this process would admit if the store does not answer, and spends nothing", () => {
    const { store } = mockStore(() => down)
    return Effect.gen(function* () {
      yield* check("a")
      const standing = { allowed: true, policy: half, remaining: 1, retryMicros: 0, store: "memory" as const }
      assert.deepStrictEqual(yield* look("a"), { ...standing, resetMicros: 1_000_000 })
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(yield* look("a"), { ...standing, resetMicros: 900_000 })
    }).pipe(Effect.provide(limiterOver(store, 2)))
  })

  it.effect("returns the same if the answer lacks the key", () => {
    const { store } = mockStore(() => Effect.succeed([]))
    return Effect.gen(function* () {
      assert.deepInclude(yield* look("a"), { policy: half, remaining: 2, store: "memory" })
      assert.deepInclude(yield* check("a"), { policy: half, remaining: 1, store: "memory" })
    }).pipe(Effect.provide(limiterOver(store, 2)))
  })

  it.effect("takes no longer than the budget", () => {
    const { store } = mockStore(() => Effect.never)
    return Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(look("a"), { startImmediately: true })
      yield* TestClock.adjust("48 millis")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      assert.strictEqual((yield* Fiber.join(waiting)).store, "memory")
    }).pipe(Effect.provide(limiterOver(store)))
  })

  it.effect("opens the breaker as a check does, and then makes no call", () => {
    const { asked, store } = mockStore(() => down)
    return Effect.gen(function* () {
      const stores = yield* Effect.forEach(["a", "b", "c", "d", "e"], look)
      assert.isTrue(stores.every((decision) => decision.store === "memory"))
      assert.strictEqual(asked.length, 3)
    }).pipe(Effect.provide(limiterOver(store)))
  })
})

describe("a store of several nodes", () => {
  it.effect("still gets calls for the keys of the nodes that answer, and no others", () => {
    const { asked, store } = mockStore((asks) => (asks.some(({ key }) => key === "ip:away") ? down : admitAll(asks)), {
      nodeOf: (key) => key,
      keysPerCall: 1
    })
    return Effect.gen(function* () {
      yield* Effect.forEach(["away", "away", "away"], check)
      // A node that answers does not affect another.
      yield* check("there")
      yield* Effect.forEach(["away", "away"], look)
      const stores = yield* Effect.forEach(["there", "away"], check)
      assert.deepStrictEqual(
        stores.map((decision) => decision.store),
        ["redis", "memory"]
      )
      assert.deepStrictEqual(
        asked.flat().map(({ key }) => key),
        ["ip:away", "ip:away", "ip:away", "ip:there", "ip:there"]
      )
    }).pipe(Effect.provide(limiterOver(store)))
  })
})
