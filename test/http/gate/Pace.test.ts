import { assert, describe, it } from "@effect/vitest"
import { makePace } from "../../../src/http/gate/Pace.ts"

describe("the pace of refusals", () => {
  it("lets a second's worth leave at once", () => {
    const leavingAt = makePace(0)
    assert.deepStrictEqual([leavingAt(0, 1000), leavingAt(0, 600), leavingAt(0, 100)], [1000, 500, 0])
  })

  it("is 1.5 a millisecond then", () => {
    const leavingAt = makePace(0)
    assert.deepStrictEqual([leavingAt(0, 1500), leavingAt(10, 900), leavingAt(30, 885)], [1500, 15, 30])
  })

  it("saves up no more than that", () => {
    const leavingAt = makePace(0)
    assert.deepStrictEqual([leavingAt(60_000, 2000), leavingAt(60_000, 500)], [1500, 0])
  })

  it.each([10, 300])("lets none wait for more than a second, however many there are, asked every %d ms", (every) => {
    const leavingAt = makePace(0)
    let waiting = 12_000
    let now = 0
    for (; now < 1000; now += every) waiting -= leavingAt(now, waiting)
    assert.strictEqual(waiting - leavingAt(now, waiting), 0)
  })

  it("is what it was when none is left", () => {
    const leavingAt = makePace(0)
    assert.deepStrictEqual([leavingAt(0, 12_000), leavingAt(1000, 10_500)], [1500, 10_500])
    assert.deepStrictEqual([leavingAt(1000, 1500), leavingAt(1010, 1500)], [1500, 15])
  })
})
