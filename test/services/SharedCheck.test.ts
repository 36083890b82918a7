import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { DependencyDown } from "../../src/domain/Dependency.ts"
import { makeSharedCheck } from "../../src/services/SharedCheck.ts"

const deadlineMs = 1000

/** A probe that counts its runs and ends with `outcome`. */
const counted = (outcome: Effect.Effect<void, DependencyDown>) => {
  const count = { asked: 0 }
  const effect = Effect.suspend(() => {
    count.asked += 1
    return outcome
  })
  return Object.assign(count, { effect })
}

describe("SharedCheck", () => {
  it.effect("returns ok if the dependency answers", () =>
    Effect.gen(function* () {
      const check = yield* makeSharedCheck(Effect.void, deadlineMs)
      assert.deepStrictEqual(yield* check, { fault: undefined, elapsedMs: 0 })
    })
  )

  it.effect("returns the fault of an unavailable dependency", () =>
    Effect.gen(function* () {
      const check = yield* makeSharedCheck(Effect.fail(new DependencyDown({ fault: "denied" })), deadlineMs)
      assert.strictEqual((yield* check).fault, "denied")
    })
  )

  it.effect('returns only "failed" if the probe dies', () =>
    Effect.gen(function* () {
      const check = yield* makeSharedCheck(Effect.die(new Error("postgresql://user:secret@host")), deadlineMs)
      assert.strictEqual((yield* check).fault, "failed")
    })
  )

  it.effect("probes once for a thousand concurrent callers", () =>
    Effect.gen(function* () {
      const probe = counted(Effect.void)
      const check = yield* makeSharedCheck(probe.effect, deadlineMs)
      const answers = yield* Effect.all(
        Array.from({ length: 1000 }, () => check),
        { concurrency: "unbounded" }
      )
      assert.isTrue(answers.every((answer) => answer.fault === undefined))
      assert.strictEqual(probe.asked, 1)
    })
  )

  it.effect("probes again for a later caller after a tenth of the deadline", () =>
    Effect.gen(function* () {
      const probe = counted(Effect.void)
      const check = yield* makeSharedCheck(probe.effect, deadlineMs)
      yield* check
      const second = yield* Effect.forkChild(check)
      yield* TestClock.adjust(99)
      assert.strictEqual(probe.asked, 1)
      yield* TestClock.adjust(1)
      yield* Fiber.join(second)
      assert.strictEqual(probe.asked, 2)
    })
  )

  it.effect("answers within the deadline even if the probe cannot be interrupted", () =>
    Effect.gen(function* () {
      const thaw = yield* Deferred.make<void>()
      const check = yield* makeSharedCheck(Effect.uninterruptible(Deferred.await(thaw)), deadlineMs)
      const caller = yield* Effect.forkChild(check)
      yield* TestClock.adjust(900)
      assert.strictEqual((yield* Fiber.join(caller)).fault, "timeout")
      yield* Deferred.succeed(thaw, undefined)
    })
  )

  it.effect("sends one probe to a frozen dependency, and uses its late answer for the next caller", () =>
    Effect.gen(function* () {
      const thaw = yield* Deferred.make<void>()
      const probe = counted(Deferred.await(thaw))
      const check = yield* makeSharedCheck(probe.effect, deadlineMs)
      for (const _ of [1, 2, 3]) {
        const caller = yield* Effect.forkChild(check)
        yield* TestClock.adjust(1000)
        assert.strictEqual((yield* Fiber.join(caller)).fault, "timeout")
      }
      assert.strictEqual(probe.asked, 1)
      yield* Deferred.succeed(thaw, undefined)
      assert.strictEqual((yield* check).fault, undefined)
    })
  )

  it.effect("gives up a probe without an answer after ten seconds, and starts another", () =>
    Effect.gen(function* () {
      const probe = counted(Effect.never)
      const check = yield* makeSharedCheck(probe.effect, deadlineMs)
      yield* Effect.forkChild(check)
      yield* TestClock.adjust(10_000)
      yield* Effect.forkChild(check)
      yield* TestClock.adjust(1000)
      assert.strictEqual(probe.asked, 2)
    })
  )
})
