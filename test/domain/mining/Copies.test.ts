import { assert, describe, it } from "@effect/vitest"
import { Random, Effect } from "effect"
import { decideCounted, recount } from "../../../src/domain/mining/Copies.ts"
import type { StoredSighting, Sighting } from "../../../src/domain/mining/Copies.ts"

const second = 1_000_000
const sighting = (at: number, arrivedAt = at, isRefilled = false): Sighting => ({
  at: at * second,
  arrivedAt: arrivedAt * second,
  isRefilled
})
const countedOf = (sightings: ReadonlyArray<Sighting>) =>
  decideCounted(sightings).flatMap(({ isCounted, sighting: { at } }) => (isCounted ? [at / second] : []))

/** Keeps sightings one batch after the other, as the table does. */
const keepAll = (batches: ReadonlyArray<ReadonlyArray<Sighting>>): ReadonlyArray<StoredSighting> =>
  batches.reduce<ReadonlyArray<StoredSighting>>((kept, batch) => {
    const { added, changed } = recount(kept, batch)
    const isChanged = (row: StoredSighting) =>
      changed.some(({ arrivedAt, at }) => at === row.at && arrivedAt === row.arrivedAt)
    return [
      ...kept.map((row) => (isChanged(row) ? { ...row, isCounted: !row.isCounted } : row)),
      ...added.map(({ isCounted, sighting: { arrivedAt, at, isRefilled } }) => ({
        at,
        arrivedAt,
        isRefilled,
        isCounted
      }))
    ]
  }, [])

describe("decideCounted", () => {
  it("counts the earliest sighting and those 2 seconds or more after a counted one", () => {
    assert.deepStrictEqual(countedOf([sighting(3), sighting(1.5), sighting(0)]), [0, 3])
    assert.deepStrictEqual(countedOf([sighting(1.5), sighting(3)]), [1.5])
    assert.deepStrictEqual(countedOf([sighting(0), sighting(2)]), [0, 2])
  })

  it("counts sightings that arrive more than 15 minutes apart, unless one comes from the archive", () => {
    assert.deepStrictEqual(countedOf([sighting(0, 0), sighting(1, 900)]), [0])
    assert.deepStrictEqual(countedOf([sighting(0, 0), sighting(1, 901)]), [0, 1])
    assert.deepStrictEqual(countedOf([sighting(0, 0), sighting(1, 901, true)]), [0])
  })
})

describe("recount", () => {
  it("stores one row for sightings with all fields equal", () => {
    const { added, changed, repeated } = recount([{ ...sighting(1), isCounted: true }], [sighting(1), sighting(1)])
    assert.deepStrictEqual({ added, changed, repeated }, { added: [], changed: [], repeated: 2 })
  })

  it.effect("gives the same result for a set of sightings in any order and batches", () =>
    Effect.gen(function* () {
      for (let round = 0; round < 300; round += 1) {
        const size = yield* Random.nextIntBetween(1, 12)
        const all = yield* Effect.forEach(Array.from({ length: size }), () =>
          Effect.gen(function* () {
            const at = (yield* Random.nextIntBetween(0, 40)) / 4
            return sighting(
              at,
              at + (yield* Random.nextIntBetween(0, 3)) * 600,
              (yield* Random.nextIntBetween(0, 6)) === 0
            )
          })
        )
        const shuffled = yield* Random.shuffle(all)
        const cut = yield* Random.nextIntBetween(0, size)
        const once = keepAll([all])
        const inTwo = keepAll([[...shuffled].slice(0, cut), [...shuffled].slice(cut)])
        const oneByOne = keepAll([...shuffled].map((one) => [one]))
        const textOf = (kept: ReadonlyArray<StoredSighting>) => kept.map((row) => JSON.stringify(row)).toSorted()
        assert.deepStrictEqual(textOf(inTwo), textOf(once), `round ${round}`)
        assert.deepStrictEqual(textOf(oneByOne), textOf(once), `round ${round}`)
      }
    }).pipe(Random.withSeed("copies"))
  )
})
