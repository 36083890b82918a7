import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit } from "effect"
import { TestClock } from "effect/testing"
import type { Answer, Ask, Policy } from "../../src/domain/RateLimit.ts"
import { makeBatcher } from "../../src/services/rateLimit/Batcher.ts"
import { endOfEventLoopTurn } from "../support/EventLoopTurn.ts"

const allowed: ReadonlyArray<Answer> = Array.from({ length: 2 }, () => ({
  used: 1,
  admitted: 1,
  resetMicros: 1,
  retryMicros: 0
}))

const policy: Policy = { name: "ip", limit: 1, windowMicros: 1 }

/** A batcher with calls in flight for the `first` keys; the test answers each call. */
const sentFirst = Effect.fnUntraced(function* (keysPerCall: number, ...first: ReadonlyArray<string>) {
  const sent: Array<ReadonlyArray<string>> = []
  const answers: Array<Deferred.Deferred<ReadonlyArray<Answer> | undefined>> = []
  const settled: Array<string> = []
  const send = (asks: ReadonlyArray<Ask>) =>
    Effect.suspend(() => {
      sent.push(asks.map(({ count, key }) => `${key} ${count}`))
      const answer = Deferred.makeUnsafe<ReadonlyArray<Answer> | undefined>()
      answers.push(answer)
      return Deferred.await(answer)
    })
  const check = makeBatcher({ send, keysPerCall, holdMs: 1 }, Effect.runForkWith(yield* Effect.context()))
  const asking =
    (use: "admit" | "peek") =>
    (...keys: ReadonlyArray<string>): void => {
      for (const key of keys)
        check({ key, policy, use, span: undefined }, (answered, index) =>
          settled.push(`${key} ${index}${answered === undefined ? " without an answer" : ""}`)
        )
    }
  const ask = asking("admit")
  ask(...first)
  yield* endOfEventLoopTurn
  return {
    sent,
    settled,
    ask,
    look: asking("peek"),
    /** Answers the call with this number. */
    answer: (at: number, exit: Exit.Exit<ReadonlyArray<Answer> | undefined> = Exit.succeed(allowed)) =>
      Effect.suspend(() => {
        const answer = answers[at]
        return answer === undefined ? Effect.die("no such call") : Deferred.done(answer, exit)
      })
  }
})

describe("checks that arrive while a call is in flight", () => {
  it.effect("are sent together when it is answered", () =>
    Effect.gen(function* () {
      const { answer, ask, sent, settled } = yield* sentFirst(2, "a")
      ask("b")
      yield* endOfEventLoopTurn
      ask("a", "b")
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(sent, [["a 1"]])
      yield* answer(0)
      assert.deepStrictEqual(settled, ["a 0"])
      // Fibers that its answer resumes may check in the same batch.
      ask("a")
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(sent, [["a 1"], ["b 2", "a 2"]])
      yield* answer(1)
      assert.deepStrictEqual(settled, ["a 0", "b 0", "b 1", "a 0", "a 1"])
    })
  )

  it.effect("share a call with reads, which are not counted", () =>
    Effect.gen(function* () {
      const { answer, ask, look, sent, settled } = yield* sentFirst(3)
      look("a", "b")
      ask("a", "a")
      look("a")
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(sent, [["a 2", "b 0"]])
      yield* answer(0)
      assert.deepStrictEqual(settled, ["a 0", "a 0", "a 1", "a 2", "b 0"])
    })
  )

  it.effect("wait for at most a millisecond", () =>
    Effect.gen(function* () {
      const { answer, ask, sent, settled } = yield* sentFirst(2, "a")
      ask("b")
      yield* TestClock.adjust("999 micros")
      ask("b")
      assert.deepStrictEqual(sent, [["a 1"]])
      yield* TestClock.adjust("1 micro")
      assert.deepStrictEqual(sent, [["a 1"], ["b 2"]])
      yield* answer(1)
      assert.deepStrictEqual(settled, ["b 0", "b 1"])
    })
  )

  it.effect("wait for the first answer if several calls are in flight", () =>
    Effect.gen(function* () {
      const { answer, ask, sent } = yield* sentFirst(2, "a", "b", "c")
      ask("d")
      yield* answer(1)
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(sent, [["a 1", "b 1"], ["c 1"], ["d 1"]])
    })
  )

  it.effect("wait while one of them has no answer", () =>
    Effect.gen(function* () {
      const { answer, ask, sent } = yield* sentFirst(2, "a", "b", "c")
      yield* answer(0)
      yield* endOfEventLoopTurn
      ask("d")
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(sent, [["a 1", "b 1"], ["c 1"]])
      yield* answer(1)
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(sent, [["a 1", "b 1"], ["c 1"], ["d 1"]])
    })
  )

  it.effect("do not wait if each key has its own call", () =>
    Effect.gen(function* () {
      const { ask, sent } = yield* sentFirst(1, "a")
      ask("b", "b")
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(sent, [["a 1"], ["b 2"]])
    })
  )

  it.effect.each([
    ["dies", Exit.die("a defect")],
    ["is interrupted", Exit.interrupt(1)]
  ] as const)("are sent if it %s, and its own checks fail", ([, exit]) =>
    Effect.gen(function* () {
      const { answer, ask, sent, settled } = yield* sentFirst(2, "a", "a")
      ask("b")
      yield* answer(0, exit)
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(settled, ["a 0 without an answer", "a 1 without an answer"])
      assert.deepStrictEqual(sent, [["a 2"], ["b 1"]])
      yield* answer(1)
      assert.deepStrictEqual(settled.slice(2), ["b 0"])
    })
  )

  it.effect("do not wait for a call that has been answered", () =>
    Effect.gen(function* () {
      const { answer, ask, sent } = yield* sentFirst(2, "a")
      yield* answer(0)
      yield* endOfEventLoopTurn
      ask("b")
      yield* endOfEventLoopTurn
      assert.deepStrictEqual(sent, [["a 1"], ["b 1"]])
    })
  )
})
