/** Arrival of a share. Shares of one worker, assigned difficulty and reached difficulty may be copies. */
export interface Sighting {
  /** Time of the share in microseconds. */
  readonly at: number
  /** Time of arrival in microseconds. */
  readonly arrivedAt: number
  /** Whether it comes from the table `shares`, which does not have the time of arrival. */
  readonly isRefilled: boolean
}

/** Copies are closer than this, in microseconds. */
export const copySpan = 2_000_000
/** Copies arrive at most this long after each other, in microseconds. */
const maxArrivalGap = 900_000_000

const isCopy = (counted: Sighting, later: Sighting): boolean =>
  later.at - counted.at < copySpan &&
  (counted.isRefilled || later.isRefilled || Math.abs(later.arrivedAt - counted.arrivedAt) <= maxArrivalGap)

/** Earliest first; equal times in the order of arrival. */
const byTime = (a: Sighting, b: Sighting): number =>
  a.at - b.at || a.arrivedAt - b.arrivedAt || Number(a.isRefilled) - Number(b.isRefilled)

export interface Judged<A extends Sighting> {
  readonly sighting: A
  readonly isCounted: boolean
}

/**
 * Decides which sightings of a share count: the earliest, and each one that is not a copy of a counted one. Copies are
 * not transitive. `before` has the counted sightings of the 2 seconds before the first of `sightings`.
 */
export const judge = <A extends Sighting>(
  sightings: ReadonlyArray<A>,
  before: ReadonlyArray<Sighting> = []
): ReadonlyArray<Judged<A>> => {
  let counted = before
  return sightings.toSorted(byTime).map((sighting) => {
    counted = counted.filter(({ at }) => sighting.at - at < copySpan)
    const isCounted = !counted.some((earlier) => isCopy(earlier, sighting))
    if (isCounted) counted = [...counted, sighting]
    return { sighting, isCounted }
  })
}

/** Sighting in the table `mining_shares`. */
export interface Kept extends Sighting {
  readonly isCounted: boolean
}

export interface Recount<A> {
  /** New sightings to keep, in order of time. */
  readonly added: ReadonlyArray<{ readonly sighting: A; readonly isCounted: boolean }>
  /** Kept sightings whose verdict changes to `isCounted`. */
  readonly changed: ReadonlyArray<Kept>
  /** How many new sightings equal another one in everything, so that one row is enough. */
  readonly repeated: number
}

const isSame = (a: Sighting, b: Sighting): boolean => byTime(a, b) === 0

/**
 * Adds sightings to those that are kept. The result for a set of sightings is the same in whatever order and batches
 * they are added. `kept` has those of the 2 seconds before the first new one and all later ones.
 */
export const recount = <A extends Sighting>(kept: ReadonlyArray<Kept>, arrived: ReadonlyArray<A>): Recount<A> => {
  const distinct = arrived.filter(
    (sighting, index) =>
      !kept.some((other) => isSame(other, sighting)) && arrived.findIndex((other) => isSame(other, sighting)) === index
  )
  const first = Math.min(...distinct.map(({ at }) => at))
  const before = kept.filter(({ at, isCounted }) => isCounted && at < first)
  const known = kept.filter(({ at }) => at >= first).map((row) => ({ ...row, row, sighting: undefined }))
  const fresh = distinct.map(({ arrivedAt, at, isRefilled }, index) => ({
    at,
    arrivedAt,
    isRefilled,
    row: undefined,
    sighting: distinct[index]
  }))
  const judged = judge([...known, ...fresh], before)
  return {
    added: judged.flatMap(({ isCounted, sighting: { sighting } }) =>
      sighting === undefined ? [] : [{ sighting, isCounted }]
    ),
    changed: judged.flatMap(({ isCounted, sighting: { row } }) =>
      row === undefined || row.isCounted === isCounted ? [] : [{ ...row, isCounted }]
    ),
    repeated: arrived.length - distinct.length
  }
}

/** Whether a row of `shares` is already counted. */
export const isCountedIn = (kept: ReadonlyArray<Kept>, { at }: Sighting): boolean =>
  kept.some((row) => row.isCounted && Math.abs(row.at - at) < copySpan)
