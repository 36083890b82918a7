import { assert, describe, it } from "@effect/vitest"
import { makeCapacity } from "../../../src/http/middleware/Capacity.ts"

/** The capacity after ten seconds in which so many requests were answered a second. */
const after = (most: number, perSecond: number, busy: number): number => {
  const capacityAt = makeCapacity(most)
  let capacity = most
  for (let looks = 0; looks < 100; looks++) capacity = capacityAt({ elapsedMs: 100, answered: perSecond / 10, busy })
  return capacity
}

describe("the room for requests", () => {
  it.each([
    ["while the processor has time to spare, all of it", 1000, 300, 0.9, 1000],
    ["without, what is answered in half a second", 1000, 600, 1, 300],
    ["never more than is configured", 1000, 30_000, 1, 1000],
    ["never less than 64, however slow requests are", 1000, 20, 1, 64],
    ["what is configured, where that is less than 64", 8, 20, 1, 8]
  ])("is, %s", (_, most, perSecond, busy, capacity) => {
    assert.strictEqual(after(most, perSecond, busy), capacity)
  })

  it("is not narrowed by one busy look, and opens when the processor has time again", () => {
    const capacityAt = makeCapacity(1000)
    const look = (busy: number) => capacityAt({ elapsedMs: 100, answered: 10, busy })
    assert.deepStrictEqual([0, 1, 0].map(look), [1000, 1000, 1000])
    const overloaded = Array.from({ length: 30 }, () => look(1))
    assert.strictEqual(overloaded[0], 1000)
    assert.strictEqual(overloaded.at(-1), 64)
    assert.deepStrictEqual([0.5, 0.5].map(look), [1000, 1000])
  })
})
