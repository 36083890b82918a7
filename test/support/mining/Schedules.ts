import { default as fc } from "fast-check"
import { unnamed } from "../../../src/domain/mining/Worker.ts"
import type { StreamEntry } from "../../../src/domain/mining/StreamEntry.ts"
import { entryOf } from "../../../src/services/mining/simulation/Event.ts"
import type { ShareRow } from "../../../src/services/mining/simulation/Event.ts"
import type { ReferenceShare } from "./Reference.ts"

/** A share that arrives in the stream. */
export interface Arrival extends ReferenceShare {
  /** In microseconds, a multiple of a millisecond. */
  readonly arrival: number
  readonly producer: "collector" | "bridge"
}

/** Addresses of signet, from the test vectors of BIP-173 and BIP-350. */
export const addresses = [
  "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
  "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
  "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c"
] as const

const names = [unnamed, "rig.1", "שָׁלוֹם"] as const
const difficulties = [0.0005, 1, 1024, 5e12] as const
/** Reached difficulty relative to the assigned one; 0.4 is a share right after a change of difficulty. */
const factors = [0.4, 1, 1.5, 2, 64, 1e5] as const

const millisecond = 1000
const second = 1_000_000

/** Distances of copies around the 2 seconds within which they count once. */
const distances = [0, 1, 900_000, 1_999_999, 2_000_000, 2_000_001, 3_999_999].flatMap((distance) => [
  distance,
  -distance
])
/** Gaps of arrivals around the 15 minutes within which copies are recognized. */
const gaps = [0, 50, 3000, 14 * 60_000, 15 * 60_000, 15 * 60_000 + 1, 31 * 60_000].map((ms) => ms * millisecond)

const copyWith = (distances: ReadonlyArray<number>, gaps: ReadonlyArray<number>) =>
  fc.record({
    distance: fc.constantFrom(...distances),
    gap: fc.constantFrom(...gaps),
    producer: fc.constantFrom("collector", "bridge")
  })

const originalWith = (copy: ReturnType<typeof copyWith>) =>
  fc.record({
    // Most shares are of one worker, so that its buckets have several.
    address: fc.constantFrom(addresses[0], ...addresses),
    worker: fc.constantFrom(names[1], names[1], ...names),
    /** Around the start, so that buckets of all lengths begin in between, also between copies. */
    offset: fc.oneof(
      fc.integer({ min: -2.5 * second, max: 2.5 * second }),
      fc.integer({ min: -20 * second, max: 20 * second })
    ),
    difficulty: fc.constantFrom(1024, 1024, ...difficulties),
    factor: fc.constantFrom(...factors),
    /** Rarely, a share arrives later than others by minutes. */
    delay: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 800 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 200_000 }) }
    ),
    producer: fc.constantFrom("collector", "bridge"),
    copies: fc.array(copy, { maxLength: 3, size: "max" })
  })

/** Arrivals around a time, in the order of the stream. */
const arrivalsAt = (
  start: number,
  maxLength: number,
  original: ReturnType<typeof originalWith>,
  areDistinct: boolean
): fc.Arbitrary<ReadonlyArray<Arrival>> =>
  fc.array(original, { minLength: 5, maxLength, size: "max" }).map((originals) =>
    originals
      .flatMap(({ address, copies, delay, difficulty, factor, offset, producer, worker }, index) => {
        const at = start + offset
        const reached = Number((difficulty * factor * (areDistinct ? 1 + (index + 1) / 256 : 1)).toFixed(8))
        const arrival = (Math.floor(at / millisecond) + delay + 25 * 1000) * millisecond
        const share = { address, worker, difficulty, reached, at, arrival, producer } as const
        return [
          share,
          ...copies.map((copy) => ({
            ...share,
            at: at + copy.distance,
            arrival: arrival + copy.gap,
            producer: copy.producer
          }))
        ]
      })
      .toSorted((one, other) => one.arrival - other.arrival)
  )

/** Interruption of the projection at a batch. */
export type Accident = "none" | "killed" | "takenOver" | "restarted"

export interface Schedule {
  readonly arrivals: ReadonlyArray<Arrival>
  /** Number of entries of each batch, and what happens in it; repeated until all are applied. */
  readonly batches: ReadonlyArray<{ readonly size: number; readonly accident: Accident }>
}

export const schedulesAt = (start: number, maxLength = 60): fc.Arbitrary<Schedule> =>
  fc.record({
    arrivals: arrivalsAt(start, maxLength, originalWith(copyWith(distances, gaps)), false),
    batches: fc.array(
      fc.record({
        size: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 10, max: 200 })),
        accident: fc.oneof(
          { weight: 5, arbitrary: fc.constant("none" as const) },
          { weight: 2, arbitrary: fc.constantFrom("killed" as const, "takenOver" as const, "restarted" as const) }
        )
      }),
      { minLength: 1, maxLength: 12, size: "max" }
    )
  })

/** A stream that loses entries before they are read. */
export interface TrimmedSchedule {
  readonly arrivals: ReadonlyArray<Arrival>
  /** Number of entries that are read before the loss, and that the stream keeps at its end. */
  readonly read: number
  readonly kept: number
}

/**
 * Copies have equal times and other shares other difficulties, so that it does not matter which of the copies the table
 * `shares` has.
 */
export const trimmedSchedulesAt = (start: number): fc.Arbitrary<TrimmedSchedule> =>
  fc.record({
    arrivals: arrivalsAt(start, 60, originalWith(copyWith([0], [0, 50_000, 3_000_000])), true),
    read: fc.integer({ min: 1, max: 60 }),
    kept: fc.integer({ min: 1, max: 60 })
  })

const fullNameOf = ({ address, worker }: Arrival): string => (worker === unnamed ? address : `${address}.${worker}`)

/** Rows that the collector inserts for arrivals. */
export const rowsOf = (arrivals: ReadonlyArray<Arrival>): ReadonlyArray<ShareRow> => {
  const rows = arrivals.map((arrival) => {
    const { address, at, difficulty, reached } = arrival
    return { address, at, difficulty, reached, worker: fullNameOf(arrival) }
  })
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
}

/** Stream entries of arrivals, as their producers write them. */
export const entriesOf = (arrivals: ReadonlyArray<Arrival>): ReadonlyArray<StreamEntry> =>
  arrivals.map((share, index) => {
    const { address, arrival, at, difficulty, producer, reached, worker } = share
    const simulated = { address, name: worker, fullName: fullNameOf(share), hashrate: 0, producer }
    const { fields, stream } = entryOf({ type: "share_submitted", at, worker: simulated, difficulty, reached })
    return { stream, id: `${arrival / millisecond}-${index}`, fields: Object.entries(fields) }
  })
