import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeCachedRead } from "../../../src/http/handlers/mining/Read.ts"

/** Reads that end when `end` is called, and the keys that were read. */
const heldReads = Effect.gen(function* () {
  const ended = yield* Deferred.make<void>()
  const keys: Array<string> = []
  const read = yield* makeCachedRead((key) => {
    keys.push(key)
    return Effect.as(Deferred.await(ended), `${key}, read ${keys.length}`)
  })
  const start = (key: string, state: string) => Effect.forkChild(read(key, { state }), { startImmediately: true })
  return { keys, read, start, end: Deferred.succeed(ended, undefined) }
})

describe("makeCachedRead", () => {
  it.effect("reads once per second for all callers of a key and state", () =>
    Effect.gen(function* () {
      const { end, keys, read, start } = yield* heldReads
      const fibers = yield* Effect.all([
        start("alice", "1"),
        start("alice", "1"),
        start("bob", "1"),
        start("alice", "2")
      ])
      yield* Effect.yieldNow
      assert.deepStrictEqual(keys, ["alice", "bob", "alice"])
      yield* end
      const answers = yield* Fiber.joinAll(fibers)
      assert.strictEqual(answers[0], answers[1])
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* read("alice", { state: "1" }), answers[0])
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* read("alice", { state: "1" }), "alice, read 4")
      assert.deepStrictEqual(keys, ["alice", "bob", "alice", "alice"])
    })
  )

  it.effect("does not keep failures", () =>
    Effect.gen(function* () {
      let reads = 0
      const read = yield* makeCachedRead(() => Effect.suspend(() => Effect.fail(++reads)))
      const failures = yield* Effect.all(
        [read("alice", { state: "1" }), read("alice", { state: "1" })].map(Effect.flip)
      )
      assert.deepStrictEqual(failures, [1, 2])
    })
  )

  it.effect("continues a read for the other callers after the first one is interrupted", () =>
    Effect.gen(function* () {
      const { end, keys, start } = yield* heldReads
      const first = yield* start("alice", "1")
      const second = yield* start("alice", "1")
      yield* Fiber.interrupt(first)
      yield* end
      assert.strictEqual(yield* Fiber.join(second), "alice, read 1")
      assert.deepStrictEqual(keys, ["alice"])
    })
  )
})
