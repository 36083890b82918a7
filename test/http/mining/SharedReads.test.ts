import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { makeSharedRead } from "../../../src/http/handlers/mining/Read.ts"

/** Shared reads that end when `end` is called, and the keys that were read. */
const sharedReads = Effect.gen(function* () {
  const ended = yield* Deferred.make<void>()
  const keys: Array<string> = []
  const read = yield* makeSharedRead((key) => {
    keys.push(key)
    return Effect.as(Deferred.await(ended), `${key}, read ${keys.length}`)
  })
  const start = (key: string, state: string) => Effect.forkChild(read(key, { state }), { startImmediately: true })
  return { keys, read, start, end: Deferred.succeed(ended, undefined) }
})

describe("makeSharedRead", () => {
  it.effect("runs one read for all concurrent callers of a key and state", () =>
    Effect.gen(function* () {
      const { end, keys, read, start } = yield* sharedReads
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
      yield* read("alice", { state: "1" })
      assert.deepStrictEqual(keys, ["alice", "bob", "alice", "alice"])
    })
  )

  it.effect("continues a read for the other callers after the first one is interrupted", () =>
    Effect.gen(function* () {
      const { end, keys, start } = yield* sharedReads
      const first = yield* start("alice", "1")
      const second = yield* start("alice", "1")
      yield* Fiber.interrupt(first)
      yield* end
      assert.strictEqual(yield* Fiber.join(second), "alice, read 1")
      assert.deepStrictEqual(keys, ["alice"])
    })
  )
})
