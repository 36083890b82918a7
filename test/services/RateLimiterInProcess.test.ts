import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Policy } from "../../src/domain/RateLimit.ts"
import { RateLimiter } from "../../src/services/RateLimiter.ts"

const policy: Policy = { name: "ip", limit: 2, windowMicros: 1_000_000 }

const limiter = RateLimiter.layer({ store: undefined, budgetMs: 50, replicas: 3, maxKeys: 2 })

const check = (key: string, of = policy) => Effect.flatMap(RateLimiter, ({ check }) => check(of, key))
const look = (key: string, of = policy) => Effect.flatMap(RateLimiter, ({ peek }) => peek(of, key))

describe("a limiter without a store", () => {
  it.effect("admits the whole limit and frees each place after a window", () =>
    Effect.gen(function* () {
      const allowed = { allowed: true, policy, retryMicros: 0, store: "memory" as const }
      assert.deepStrictEqual(yield* check("a"), { ...allowed, remaining: 1, resetMicros: 1_000_000 })
      yield* TestClock.adjust("400 millis")
      assert.deepStrictEqual(yield* check("a"), { ...allowed, remaining: 0, resetMicros: 1_000_000 })
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(yield* check("a"), {
        allowed: false,
        policy,
        remaining: 0,
        resetMicros: 900_000,
        retryMicros: 500_000,
        store: "memory"
      })
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(yield* check("a"), { ...allowed, remaining: 0, resetMicros: 1_000_000 })
    }).pipe(Effect.provide(limiter))
  )

  it.effect("reports what is left without spending it", () =>
    Effect.gen(function* () {
      const standing = { allowed: true, policy, retryMicros: 0, store: "memory" as const }
      assert.deepStrictEqual(yield* look("a"), { ...standing, remaining: 2, resetMicros: 0 })
      yield* check("a")
      yield* TestClock.adjust("250 millis")
      assert.deepStrictEqual(yield* look("a"), { ...standing, remaining: 1, resetMicros: 750_000 })
      assert.deepStrictEqual(yield* look("a"), { ...standing, remaining: 1, resetMicros: 750_000 })
      assert.strictEqual((yield* look("b")).remaining, 2)
    }).pipe(Effect.provide(limiter))
  )

  it.effect("counts a key separately under each policy", () =>
    Effect.gen(function* () {
      const other = { ...policy, name: "key" }
      yield* check("a")
      assert.deepStrictEqual([(yield* look("a")).remaining, (yield* look("a", other)).remaining], [1, 2])
    }).pipe(Effect.provide(limiter))
  )

  it.effect("stores no more keys than its maximum", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(["a", "b", "c"], (key) => check(key))
      const remaining = yield* Effect.forEach(["a", "b", "c"], (key) => look(key))
      assert.deepStrictEqual(
        remaining.map((decision) => decision.remaining),
        [2, 1, 1]
      )
    }).pipe(Effect.provide(limiter))
  )
})
