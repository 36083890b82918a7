import { assert, describe, it } from "@effect/vitest"
import { makeLine } from "../../../src/http/gate/Line.ts"

describe("a line", () => {
  it("serves who came first, also where others come in between", () => {
    const line = makeLine<number>()
    const served: Array<number | undefined> = []
    let next = 0
    for (const joining of [3, 3, 0, 1, 0, 4]) {
      for (let count = 0; count < joining; count++) line.add(next++)
      served.push(line.take(), line.take())
    }
    assert.deepStrictEqual(served, [0, 1, 2, 3, 4, 5, 6, undefined, undefined, undefined, 7, 8])
    assert.deepStrictEqual([line.take(), line.take(), line.take()], [9, 10, undefined])
  })

  it("shows the first without taking it", () => {
    const line = makeLine<string>()
    assert.isUndefined(line.first())
    line.add("one")
    line.add("other")
    assert.deepStrictEqual([line.first(), line.first(), line.take(), line.first()], ["one", "one", "one", "other"])
  })
})
