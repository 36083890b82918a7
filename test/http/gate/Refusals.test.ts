import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeRefusals } from "../../../src/http/gate/Refusals.ts"
import { endOfTurn } from "../../support/EndOfTurn.ts"

/** More than may leave at once. */
const many = 5000

const refusing = Effect.gen(function* () {
  const refused: Array<number> = []
  const refusals = yield* makeRefusals((one: number) => void refused.push(one))
  for (let one = 0; one < many; one++) refusals.add(one)
  return { ...refusals, refused }
})

const all = Array.from({ length: many }, (_, one) => one)

describe("refusals", () => {
  it.effect("leave in their order, none before the turn ends, and all of them at last", () =>
    Effect.gen(function* () {
      const { refused } = yield* refusing
      assert.deepStrictEqual(refused, [])
      yield* endOfTurn
      assert.strictEqual(refused.length, 1500)
      yield* TestClock.adjust("690 millis")
      assert.isBelow(refused.length, many)
      yield* TestClock.adjust("20 millis")
      assert.deepStrictEqual(refused, all)
    })
  )

  it.effect("do not wait where 10,000 do", () =>
    Effect.gen(function* () {
      const { add, refused } = yield* refusing
      for (let one = many; one <= 10_000; one++) add(one)
      assert.deepStrictEqual(refused, [10_000])
    })
  )

  it.effect("leave at once when there is hurry", () =>
    Effect.gen(function* () {
      const { hurry, refused } = yield* refusing
      hurry()
      yield* endOfTurn
      assert.deepStrictEqual(refused, all)
    })
  )
})
