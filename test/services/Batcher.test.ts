import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit } from "effect"
import { TestClock } from "effect/testing"
import type { Answer, Ask, Policy } from "../../src/domain/RateLimit.ts"
import { makeBatcher } from "../../src/services/rateLimit/Batcher.ts"
import { endOfTurn } from "../support/EndOfTurn.ts"

const allowed: ReadonlyArray<Answer> = Array.from({ length: 2 }, () => ({
  used: 1,
  admitted: 1,
  resetMicros: 1,
  retryMicros: 0
}))

const policy: Policy = { name: "ip", limit: 1, windowMicros: 1 }

/** A batcher with the checks of the `first` keys on their way; calls are answered by whoever says `answer`. */
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
  yield* endOfTurn
  return {
    sent,
    settled,
    ask,
    look: asking("peek"),
    /** Answers the call that was sent as the so-many-eth. */
    answer: (at: number, exit: Exit.Exit<ReadonlyArray<Answer> | undefined> = Exit.succeed(allowed)) =>
      Effect.suspend(() => {
        const answer = answers[at]
        return answer === undefined ? Effect.die("no such call") : Deferred.done(answer, exit)
      })
  }
})

describe("checks that are asked for while a call is on its way", () => {
  it.effect("leave together in the turn in which it is answered", () =>
    Effect.gen(function* () {
      const { answer, ask, sent, settled } = yield* sentFirst(2, "a")
      ask("b")
      yield* endOfTurn
      ask("a", "b")
      yield* endOfTurn
      assert.deepStrictEqual(sent, [["a 1"]])
      yield* answer(0)
      assert.deepStrictEqual(settled, ["a 0"])
      // What its answer lets go on may ask in the same turn.
      ask("a")
      yield* endOfTurn
      assert.deepStrictEqual(sent, [["a 1"], ["b 2", "a 2"]])
      yield* answer(1)
      assert.deepStrictEqual(settled, ["a 0", "b 0", "b 1", "a 0", "a 1"])
    })
  )

  it.effect("share a call with looks, which are not counted", () =>
    Effect.gen(function* () {
      const { answer, ask, look, sent, settled } = yield* sentFirst(3)
      look("a", "b")
      ask("a", "a")
      look("a")
      yield* endOfTurn
      assert.deepStrictEqual(sent, [["a 2", "b 0"]])
      yield* answer(0)
      assert.deepStrictEqual(settled, ["a 0", "a 0", "a 1", "a 2", "b 0"])
    })
  )

  it.effect("are held for a millisecond, and no longer", () =>
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

  it.effect("wait for the first answer, where several calls went at once", () =>
    Effect.gen(function* () {
      const { answer, ask, sent } = yield* sentFirst(2, "a", "b", "c")
      ask("d")
      yield* answer(1)
      yield* endOfTurn
      assert.deepStrictEqual(sent, [["a 1", "b 1"], ["c 1"], ["d 1"]])
    })
  )

  it.effect("are held while one of them has no answer", () =>
    Effect.gen(function* () {
      const { answer, ask, sent } = yield* sentFirst(2, "a", "b", "c")
      yield* answer(0)
      yield* endOfTurn
      ask("d")
      yield* endOfTurn
      assert.deepStrictEqual(sent, [["a 1", "b 1"], ["c 1"]])
      yield* answer(1)
      yield* endOfTurn
      assert.deepStrictEqual(sent, [["a 1", "b 1"], ["c 1"], ["d 1"]])
    })
  )

  it.effect("are not held where each key has a call of its own", () =>
    Effect.gen(function* () {
      const { ask, sent } = yield* sentFirst(1, "a")
      ask("b", "b")
      yield* endOfTurn
      assert.deepStrictEqual(sent, [["a 1"], ["b 2"]])
    })
  )

  it.effect.each([
    ["dies", Exit.die("a defect")],
    ["is interrupted", Exit.interrupt(1)]
  ] as const)("leave when it %s, and those in it have no answer", ([, exit]) =>
    Effect.gen(function* () {
      const { answer, ask, sent, settled } = yield* sentFirst(2, "a", "a")
      ask("b")
      yield* answer(0, exit)
      yield* endOfTurn
      assert.deepStrictEqual(settled, ["a 0 without an answer", "a 1 without an answer"])
      assert.deepStrictEqual(sent, [["a 2"], ["b 1"]])
      yield* answer(1)
      assert.deepStrictEqual(settled.slice(2), ["b 0"])
    })
  )

  it.effect("are not held for a call that has been answered", () =>
    Effect.gen(function* () {
      const { answer, ask, sent } = yield* sentFirst(2, "a")
      yield* answer(0)
      yield* endOfTurn
      ask("b")
      yield* endOfTurn
      assert.deepStrictEqual(sent, [["a 1"], ["b 1"]])
    })
  )
})
