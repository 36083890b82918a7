import { assert, describe, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { default as fc } from "fast-check"
import { recount } from "../../../src/domain/mining/Copies.ts"
import type { StoredSighting } from "../../../src/domain/mining/Copies.ts"
import { countedShares } from "../../support/mining/Reference.ts"
import { addresses } from "../../support/mining/Schedules.ts"

const second = 1_000_000

const at = fc.integer({ min: 0, max: 80 }).map((tenths) => (tenths * second) / 10)

/** Arrival in the stream, or a later refill. */
const sighting = fc.oneof(
  fc.record({
    at,
    arrivedAt: fc.integer({ min: 0, max: 40 }).map((minutes) => minutes * 60 * second),
    isRefilled: fc.constant(false)
  }),
  fc.record({ at, arrivedAt: fc.constant(3600 * second), isRefilled: fc.constant(true) })
)
const share = { address: addresses[0], worker: "rig", difficulty: 1, reached: 2 } as const

describe("recount", () => {
  it.effect("counts the same sightings as the reference model, in any order and batches", () =>
    Effect.sync(() =>
      fc.assert(
        fc.property(fc.array(sighting, { maxLength: 12, size: "max" }), fc.integer({ min: 1, max: 5 }), (all, size) => {
          let kept: ReadonlyArray<StoredSighting> = []
          for (const batch of Array.chunksOf(all, size)) {
            const { added, changed } = recount(kept, batch)
            const rest = kept.filter(
              (row) =>
                !changed.some(
                  (other) =>
                    other.at === row.at && other.arrivedAt === row.arrivedAt && other.isRefilled === row.isRefilled
                )
            )
            kept = [...rest, ...changed, ...added.map(({ isCounted, sighting }) => ({ ...sighting, isCounted }))]
          }
          const expected = countedShares(
            all.map(({ arrivedAt, at, isRefilled }) => ({ ...share, at, arrival: isRefilled ? undefined : arrivedAt }))
          )
          assert.deepStrictEqual(
            kept
              .filter(({ isCounted }) => isCounted)
              .map(({ at }) => at)
              .toSorted((one, other) => one - other),
            expected.map(({ at }) => at)
          )
        }),
        { numRuns: fc.readConfigureGlobal().numRuns ?? 500, seed: 11, includeErrorInReport: true }
      )
    )
  )
})
