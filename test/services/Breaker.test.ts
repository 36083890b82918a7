import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Scope } from "effect"
import { TestClock } from "effect/testing"
import { DependencyDown } from "../../src/domain/Dependency.ts"
import { makeBreaker } from "../../src/services/rateLimit/Breaker.ts"
import { capturedLogger } from "../support/MockLayers.ts"

const down = new DependencyDown({ fault: "timeout" })

/** A breaker for a store whose node names are the first letters of keys. Nodes in `away` fail their probes. */
const arranged = Effect.gen(function* () {
  const away = new Set<string>()
  const probes: Array<readonly [number, string]> = []
  const changes: Array<number> = []
  const breaker = yield* makeBreaker({
    probe: (key) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        probes.push([now, key])
        return away.has(key.slice(0, 1)) ? Effect.fail(down) : Effect.void
      }),
    nodeOf: (key) => key.slice(0, 1),
    onChange: (open) => void changes.push(open)
  })
  const fail = (key: string, times = 3) => {
    for (let failed = 0; failed < times; failed++) breaker.recordFailure(key, down)
  }
  return { breaker, away, changes, probes, fail }
})

/** Returns how long the breaker stays open each time. The node passes its probe and fails again `soundMs` later. */
const openingsOf = Effect.fnUntraced(function* (times: number, soundMs: number) {
  const { fail, probes } = yield* arranged
  const lasted: Array<number> = []
  for (let opening = 0; opening < times; opening++) {
    const openedAt = yield* Clock.currentTimeMillis
    fail("a")
    yield* TestClock.adjust("4 seconds")
    const closedAt = probes.at(-1)?.[0] ?? Number.NaN
    lasted.push(closedAt - openedAt)
    yield* TestClock.setTime(closedAt + soundMs)
  }
  return lasted
})

describe("the circuit breaker", () => {
  it.effect("opens at the third failure in a row, and not if one between has succeeded", () =>
    Effect.gen(function* () {
      const { breaker, changes, fail } = yield* arranged
      fail("a", 2)
      breaker.recordSuccess("a")
      fail("a", 2)
      assert.isFalse(breaker.isOpen("a"))
      fail("a", 1)
      assert.isTrue(breaker.isOpen("a"))
      assert.deepStrictEqual(changes, [1])
    })
  )

  it.effect("opens for each node of the store independently, and reports how many are open", () =>
    Effect.gen(function* () {
      const { away, breaker, changes, fail } = yield* arranged
      away.add("b")
      fail("a1", 2)
      fail("b1", 2)
      breaker.recordSuccess("c1")
      fail("a2", 1)
      assert.deepStrictEqual(["a3", "b3", "c3"].map(breaker.isOpen), [true, false, false])
      fail("b2", 1)
      assert.deepStrictEqual(["a3", "b3", "c3"].map(breaker.isOpen), [true, true, false])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(["a3", "b3", "c3"].map(breaker.isOpen), [false, true, false])
      away.clear()
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(["a3", "b3", "c3"].map(breaker.isOpen), [false, false, false])
      assert.deepStrictEqual(changes, [1, 2, 1, 0])
    })
  )

  it.effect("probes the node with the failed key every 250 ms until it answers, regardless of further failures", () =>
    Effect.gen(function* () {
      const { away, changes, fail, probes } = yield* arranged
      away.add("a")
      fail("a1")
      fail("a2", 10)
      yield* TestClock.adjust("500 millis")
      away.clear()
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(probes, [
        [250, "a1"],
        [500, "a1"],
        [750, "a1"]
      ])
      assert.deepStrictEqual(changes, [1, 0])
    })
  )

  it.effect("counts failures from zero after it has closed", () =>
    Effect.gen(function* () {
      const { breaker, fail } = yield* arranged
      fail("a")
      yield* TestClock.adjust("250 millis")
      fail("a", 2)
      assert.isFalse(breaker.isOpen("a"))
    })
  )

  it.effect("doubles the probe interval, up to two seconds, if a node fails again within ten seconds", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* openingsOf(7, 9999), [250, 500, 1000, 2000, 2000, 2000, 2000])
    })
  )

  it.effect("probes immediately if the node had recovered for ten seconds", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* openingsOf(3, 10_000), [250, 250, 250])
    })
  )

  it.effect("logs the failure, and also the node if the store has more than one", () => {
    const said: Array<unknown> = []
    const lines = capturedLogger((line) => {
      const { fault, level, node } = Object(JSON.parse(line))
      said.push({ fault, level, node })
    })
    return Effect.gen(function* () {
      const { fail } = yield* arranged
      fail("node")
      yield* TestClock.adjust("1 second")
      fail("")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(said, [
        { fault: "timeout", level: "WARNING", node: "n" },
        { fault: undefined, level: "INFO", node: "n" },
        { fault: "timeout", level: "WARNING", node: undefined },
        { fault: undefined, level: "INFO", node: undefined }
      ])
    }).pipe(Effect.provide(lines))
  })

  it.effect("stops probing when its scope closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { fail, probes } = yield* Scope.provide(arranged, scope)
      fail("a")
      yield* TestClock.adjust("100 millis")
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(probes, [])
    })
  )
})
