import { assert, describe, it } from "@effect/vitest"
import { leastBegun, makeCapacity } from "../../../src/http/gate/Capacity.ts"
import type { Capacity, Look } from "../../../src/http/gate/Capacity.ts"

const calm: Look = { elapsedMs: 100, answered: 10, busy: 0.2, begun: 0, waiting: 0 }

/** What there is room for after each of these looks. */
const capacitiesOf = (most: number, looks: ReadonlyArray<Partial<Look>>): ReadonlyArray<Capacity> => {
  const capacityAt = makeCapacity(most)
  return looks.map((look) => capacityAt({ ...calm, ...look }))
}

const times = (count: number, look: Partial<Look>): ReadonlyArray<Partial<Look>> =>
  Array.from({ length: count }, () => look)

describe("the room for requests", () => {
  it.each([
    ["while the processor has time to spare, all of it", 1000, 300, 0.9, 1000],
    ["without, what is answered in half a second", 1000, 600, 1, 300],
    ["never more than is configured", 1000, 30_000, 1, 1000],
    ["never less than 64, however slow requests are", 1000, 20, 1, 64],
    ["what is configured, where that is less than 64", 8, 20, 1, 8]
  ])("is, %s", (_, most, perSecond, busy, inFlight) => {
    const afterTenSeconds = capacitiesOf(most, times(100, { answered: perSecond / 10, busy })).at(-1)
    assert.strictEqual(afterTenSeconds?.inFlight, inFlight)
  })

  it("follows what is answered from the first look on, by a fifth of the way at each", () => {
    const looks = [...times(14, { answered: 60, busy: 1 }), { answered: 0, busy: 1 }]
    assert.deepStrictEqual(
      capacitiesOf(1000, looks)
        .slice(-2)
        .map((room) => room.inFlight),
      [300, 240]
    )
  })

  it("is not narrowed by one busy look, and opens when the processor has time again", () => {
    const inFlight = (looks: ReadonlyArray<Partial<Look>>) => capacitiesOf(1000, looks).map((room) => room.inFlight)
    assert.deepStrictEqual(inFlight([{ busy: 0 }, { busy: 1 }, { busy: 0 }]), [1000, 1000, 1000])
    const overloaded = inFlight([...times(30, { busy: 1 }), ...times(2, { busy: 0.5 })])
    assert.strictEqual(overloaded[0], 1000)
    assert.deepStrictEqual(overloaded.slice(-3), [64, 1000, 1000])
  })
})

describe("the room to begin", () => {
  const begun = (looks: ReadonlyArray<Partial<Look>>) => capacitiesOf(1000, looks).map((room) => Math.round(room.begun))

  it("is for a few at first, also where none waits", () => {
    assert.deepStrictEqual(begun(times(3, {})), [leastBegun, leastBegun, leastBegun])
  })

  it("grows while some wait and the processor has time to spare, the faster the more it has", () => {
    const waiting = { begun: leastBegun, waiting: 5 }
    assert.deepStrictEqual(begun([{ ...waiting, busy: 0 }]), [2 * leastBegun])
    assert.deepStrictEqual(begun([{ ...waiting, busy: 0.5 }]), [1.5 * leastBegun])
    assert.isAbove(begun(times(5, { ...waiting, busy: 0 })).at(-1) ?? 0, 1000)
  })

  it("is as small as it was on a processor that is busy, however many wait", () => {
    assert.deepStrictEqual(begun(times(3, { begun: leastBegun, waiting: 500, busy: 1 })), [
      leastBegun,
      leastBegun,
      leastBegun
    ])
  })

  it("keeps what is in use, and lets go of the rest by and by", () => {
    const grown = times(5, { begun: 500, waiting: 5, busy: 0 })
    assert.isAtLeast(begun([...grown, ...times(50, { begun: 500 })]).at(-1) ?? 0, 500)
    assert.deepStrictEqual(begun([...grown, ...times(50, { begun: 10 })]).at(-1), leastBegun)
  })

  it("narrows on a busy processor until few have begun, though all of it is in use", () => {
    const grown = times(3, { begun: leastBegun, waiting: 5, busy: 0 })
    const busy = begun([...grown, ...times(30, { begun: 8 * leastBegun, waiting: 5, busy: 1 })])
    assert.deepStrictEqual([busy[2], busy[3], busy.at(-1)], [8 * leastBegun, Math.round(6.4 * leastBegun), leastBegun])
  })
})
