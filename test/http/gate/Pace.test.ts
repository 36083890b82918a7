import { assert, describe, it } from "@effect/vitest"
import { makePace } from "../../../src/http/gate/Pace.ts"

describe("the pace of refusals", () => {
  it("lets a few leave at once", () => {
    const leavingAt = makePace(0)
    assert.deepStrictEqual([leavingAt(0, 200), leavingAt(0, 50), leavingAt(0, 1)], [200, 50, 0])
  })

  it("is 1.5 a millisecond then", () => {
    const leavingAt = makePace(0)
    assert.deepStrictEqual([leavingAt(0, 1000), leavingAt(10, 750), leavingAt(30, 735)], [250, 15, 30])
  })

  it("is faster where that would take longer than a second", () => {
    const leavingAt = makePace(0)
    assert.strictEqual(leavingAt(0, 10_000), 250)
    assert.strictEqual(leavingAt(10, 10_000), 100)
    assert.strictEqual(leavingAt(20, 5000), 50)
  })

  it("lets no more than 10,000 wait", () => {
    const leavingAt = makePace(0)
    assert.deepStrictEqual([leavingAt(0, 12_000), leavingAt(0, 10_500), leavingAt(0, 10_000)], [2000, 500, 0])
  })

  it("saves up no more than a few", () => {
    const leavingAt = makePace(0)
    assert.strictEqual(leavingAt(60_000, 400), 250)
    assert.strictEqual(leavingAt(120_000, 0), 0)
    assert.strictEqual(leavingAt(120_000, 400), 250)
  })
})
