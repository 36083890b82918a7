import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeCachedRead } from "../../../src/http/handlers/mining/Read.ts"
import { AccountId } from "../../../src/domain/Account.ts"
import { Viewer } from "../../../src/services/mining/MinerVisibility.ts"

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
  it.effect("reads each key and state once per second, however many callers there are", () =>
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

  it.effect("does not cache failures", () =>
    Effect.gen(function* () {
      let reads = 0
      const read = yield* makeCachedRead(() => Effect.suspend(() => Effect.fail(++reads)))
      const failures = yield* Effect.all(
        [read("alice", { state: "1" }), read("alice", { state: "1" })].map(Effect.flip)
      )
      assert.deepStrictEqual(failures, [1, 2])
    })
  )

  it.effect("reads as a caller who is not signed in", () =>
    Effect.gen(function* () {
      const read = yield* makeCachedRead(() => Effect.map(Viewer, (viewer) => ({ viewer })))
      const player = AccountId.make("0190b0a0-0000-7000-8000-000000000001")
      const answer = yield* Effect.provideService(read("pool", { state: "1" }), Viewer, player)
      assert.isUndefined(answer.viewer)
    })
  )

  it.effect("starts a new read after the only caller of one was interrupted", () =>
    Effect.gen(function* () {
      const { end, keys, start } = yield* heldReads
      yield* Fiber.interrupt(yield* start("alice", "1"))
      const next = yield* start("alice", "1")
      yield* end
      assert.strictEqual(yield* Fiber.join(next), "alice, read 2")
      assert.deepStrictEqual(keys, ["alice", "alice"])
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
