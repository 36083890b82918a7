import { assert } from "@effect/vitest"
import { Effect, Random } from "effect"
import { decideCounted } from "../../../src/domain/mining/Copies.ts"
import { addressA, addressB, second, shareEntry } from "./Entries.ts"
import type { ShareFields } from "./Entries.ts"
import { applyAll, clear, tables } from "./MiningTables.ts"

const day = 86_400 * second
/** Times around the ends of buckets, minutes and days, in microseconds after `start`. */
const edges = [day - 3601 * second, day - 301 * second, day - second, day + 10 * second]

/** Workers never tie, because ids decide ties, and ids depend on the order of arrival. */
const workers = [
  { address: addressA, worker: "rig.1" },
  { address: addressA, worker: "default" },
  { address: addressB, worker: "rig.1" }
]

const pick = <A>(values: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, values.length - 1), (index) => ({ index, value: values[index] }))

const randomShare = Effect.gen(function* () {
  const { index, value: miner } = yield* pick(workers)
  const { value: edge = 0 } = yield* pick(edges)
  const at = edge + (yield* Random.nextIntBetween(0, 8)) * 400_000 + index
  return {
    at,
    arrived: Math.floor(at / 1000) + (yield* Random.nextIntBetween(0, 3)) * 1000,
    sequence: yield* Random.nextIntBetween(0, 1_000_000),
    address: miner?.address ?? "",
    worker: miner?.worker ?? "",
    difficulty: (yield* pick([0.001, 1000])).value ?? 0,
    reached: (yield* pick([0.0005, 0.0021, 1700.25])).value ?? 0
  } satisfies ShareFields
})

/** Applies only the shares that count, each alone and in order of time. */
const naively = Effect.fnUntraced(function* (shares: ReadonlyArray<Required<ShareFields>>) {
  yield* clear
  const keyOf = ({ address, difficulty, reached, worker }: Required<ShareFields>) =>
    `${address} ${worker} ${difficulty} ${reached}`
  const counted = [...Map.groupBy(shares, keyOf).values()].flatMap((copies) =>
    decideCounted(copies.map((share) => ({ ...share, arrivedAt: share.arrived * 1000, isRefilled: false }))).flatMap(
      ({ isCounted, sighting }) => (isCounted ? [sighting] : [])
    )
  )
  yield* applyAll(counted.toSorted((a, b) => a.at - b.at).map((share) => [shareEntry(share)]))
  return { ...(yield* tables), duplicates: [{ value: shares.length - counted.length }] }
})

/** Compares the tables after random orders and batches with those after one share at a time. */
export const hasSameTablesInAnyOrder = (rounds: number) =>
  Effect.gen(function* () {
    for (let round = 0; round < rounds; round += 1) {
      const shares = yield* Effect.forEach(Array.from({ length: 60 }), () => randomShare)
      const expected = yield* naively(shares)
      yield* clear
      const entries = (yield* Random.shuffle(shares)).map((share) => shareEntry(share))
      const size = yield* Random.nextIntBetween(1, 30)
      const batches = Array.from({ length: Math.ceil(60 / size) }, (_, index) =>
        [...entries].slice(index * size, (index + 1) * size)
      )
      yield* applyAll(batches)
      assert.deepStrictEqual<unknown>(yield* tables, expected, `round ${round}`)
    }
  }).pipe(Random.withSeed("projection"))
