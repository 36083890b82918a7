import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeDeadline, makeInFlight } from "../../../src/http/middleware/Deadline.ts"

/** A request that never ends, and started `ago` milliseconds ago. */
const running = Effect.fnUntraced(function* (ago: number, isComplete = true) {
  const fiber = yield* Effect.forkChild(Effect.never)
  return { fiber, startedAt: performance.now() - ago, isLate: false, index: -1, isComplete }
})

type Running = Effect.Success<ReturnType<typeof running>>

/** Anything older is late; the margin to a new request is longer than a test takes. */
const timeoutMs = 100_000

describe("the deadline", () => {
  it.effect("ends only overdue requests", () =>
    Effect.gen(function* () {
      const requests = yield* makeDeadline<Running>({
        timeoutMs,
        isComplete: ({ isComplete }) => isComplete,
        forceResponse: () => {}
      })
      const late = yield* running(timeoutMs + 1)
      const recent = yield* running(0)
      requests.add(late)
      requests.add(recent)
      yield* TestClock.adjust(timeoutMs / 20)
      yield* Fiber.await(late.fiber)
      assert.isTrue(late.isLate)
      assert.isFalse(recent.isLate)
      assert.isUndefined(recent.fiber.pollUnsafe())
      assert.deepStrictEqual(requests.all, [recent])
    })
  )

  it.effect("skips an incomplete request, and ends later complete ones", () =>
    Effect.gen(function* () {
      const requests = yield* makeDeadline<Running>({
        timeoutMs,
        isComplete: ({ isComplete }) => isComplete,
        forceResponse: () => {}
      })
      const incomplete = yield* running(timeoutMs + 2, false)
      const complete = yield* running(timeoutMs + 1, true)
      requests.add(incomplete)
      requests.add(complete)
      yield* TestClock.adjust(timeoutMs / 20)
      yield* Fiber.await(complete.fiber)
      assert.isFalse(incomplete.isLate)
      assert.deepStrictEqual(requests.all, [incomplete])
    })
  )

  it.effect("tracks running requests, in whatever order they end", () =>
    Effect.gen(function* () {
      const requests = makeInFlight<Running>()
      const [a, b, c, d, never] = yield* Effect.all([running(0), running(0), running(0), running(0), running(0)])
      const idsOf = (timed: ReadonlyArray<Running>) => timed.map(({ fiber }) => fiber.id).toSorted((a, b) => a - b)
      const left = () => idsOf(requests.all)
      for (const info of [a, b, c, d]) requests.add(info)
      requests.remove(never)
      assert.deepStrictEqual(left(), idsOf([a, b, c, d]))
      requests.remove(b)
      requests.remove(b)
      assert.deepStrictEqual(left(), idsOf([a, c, d]))
      requests.remove(d)
      requests.remove(a)
      assert.deepStrictEqual(left(), idsOf([c]))
      requests.remove(c)
      assert.isEmpty(requests.all)
    })
  )
})
