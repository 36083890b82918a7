import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { default as fc } from "fast-check"
import { RankedList } from "../../../src/domain/weeks/RankedList.ts"
import { generatorOf } from "../../support/mining/SimulatedMiner.ts"

interface Entry {
  readonly id: number
  readonly value: number
}

/** Highest value first; ids make the order total. */
const order = (one: Entry, other: Entry): number => other.value - one.value || one.id - other.id

const entry = fc.record({ id: fc.integer({ min: 0, max: 40 }), value: fc.integer({ min: 0, max: 6 }) })
const change = fc.record({ entry, isRemoval: fc.boolean() })

/** Compares everything that a board asks with the same questions to a sorted array. */
const assertEquals = (list: RankedList<Entry>, sorted: ReadonlyArray<Entry>) => {
  assert.strictEqual(list.size, sorted.length)
  assert.deepStrictEqual(list.slice(0, sorted.length + 1), sorted)
  for (const [index, entry] of sorted.entries()) {
    const place = list.countLeading((other) => order(other, entry) < 0)
    assert.strictEqual(place, index)
    assert.strictEqual(
      list.countLeading(({ value }) => value > entry.value),
      sorted.filter(({ value }) => value > entry.value).length
    )
    assert.strictEqual(
      list.size - list.countLeading(({ value }) => value >= entry.value),
      sorted.filter(({ value }) => value < entry.value).length
    )
    assert.deepStrictEqual(list.slice(place - 3, 3), sorted.slice(Math.max(0, index - 3), index))
    assert.deepStrictEqual(list.slice(place + 1, 3), sorted.slice(index + 1, index + 4))
  }
}

describe("RankedList", () => {
  it.effect("gives the ranks, neighbors and slices of a sorted array after any insertions and removals", () =>
    Effect.sync(() =>
      fc.assert(
        fc.property(fc.array(change, { maxLength: 60, size: "max" }), (changes) => {
          const list = new RankedList(order, 4)
          let sorted: ReadonlyArray<Entry> = []
          for (const { entry, isRemoval } of changes) {
            const isPresent = sorted.some((other) => order(other, entry) === 0)
            const rest = sorted.filter((other) => order(other, entry) !== 0)
            if (isRemoval) assert.strictEqual(list.remove(entry), isPresent)
            else list.insert(entry)
            sorted = isRemoval ? rest : [...rest, entry].toSorted(order)
          }
          assertEquals(list, sorted)
        }),
        { numRuns: fc.readConfigureGlobal().numRuns ?? 500, seed: 35, includeErrorInReport: true }
      )
    )
  )

  it.effect("stays sorted at 100,000 entries of which 20,000 move", () =>
    Effect.sync(() => {
      const random = generatorOf(35)
      const list = new RankedList(order)
      const entries = Array.from({ length: 100_000 }, (_, id) => ({ id, value: Math.floor(random() * 50_000) }))
      for (const entry of entries) list.insert(entry)
      for (let id = 0; id < 20_000; id++) {
        const [former, value] = [entries[id * 5], Math.floor(random() * 50_000)]
        assert.isTrue(former !== undefined && list.remove(former))
        entries[id * 5] = { id: id * 5, value }
        list.insert({ id: id * 5, value })
      }
      const sorted = entries.toSorted(order)
      assert.deepStrictEqual(list.slice(0, 100_000), sorted)
      assert.deepStrictEqual(list.slice(77_777, 5), sorted.slice(77_777, 77_782))
    })
  )
})
