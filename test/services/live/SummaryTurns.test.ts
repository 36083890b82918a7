import { assert, describe, it } from "@effect/vitest"
import { SummaryTurns } from "../../../src/services/live/SummaryTurns.ts"

const takeAll = (turns: SummaryTurns<string>, now: number): ReadonlyArray<string> => {
  const topic = turns.take(now)
  return topic === undefined ? [] : [topic, ...takeAll(turns, now)]
}

describe("turns of summaries", () => {
  it("come once for a topic that changes many times, and then not before the interval has passed", () => {
    const turns = new SummaryTurns<string>(1000)
    for (let change = 0; change < 5; change++) turns.mark("a")
    assert.deepStrictEqual(takeAll(turns, 0), ["a"])
    turns.mark("a")
    assert.deepStrictEqual(takeAll(turns, 999), [])
    assert.deepStrictEqual(takeAll(turns, 1000), ["a"])
    assert.deepStrictEqual(takeAll(turns, 5000), [])
  })

  it("come again not before the interval has passed since the end of a turn, in the order of the ends", () => {
    const turns = new SummaryTurns<string>(1000)
    for (const topic of ["a", "b"]) turns.mark(topic)
    assert.deepStrictEqual(takeAll(turns, 0), ["a", "b"])
    turns.mark("b")
    turns.finish("b", 300)
    turns.finish("a", 700)
    turns.mark("a")
    const times = [1299, 1300, 1699, 1700]
    assert.deepStrictEqual(
      times.map((now) => takeAll(turns, now)),
      [[], ["b"], [], ["a"]]
    )
  })

  it("go round: a topic that changes all the time waits behind the others", () => {
    const turns = new SummaryTurns<string>(1000)
    const order: Array<string | undefined> = []
    for (let now = 0; now < 4000; now += 500) {
      for (const topic of ["a", "b", "c"]) turns.mark(topic)
      order.push(turns.take(now))
    }
    assert.deepStrictEqual(order, ["a", "b", "c", "a", "b", "c", "a", "b"])
  })
})
