/** Arrival of a share. Shares of one worker, assigned difficulty and reached difficulty may be copies. */
export interface Sighting {
  /** Time of the share in microseconds. */
  readonly at: number
  /** Time of arrival in microseconds. */
  readonly arrivedAt: number
  /** Whether it comes from the table `shares`, which has no time of arrival. */
  readonly isRefilled: boolean
}

/** Times of copies differ by less than this, in microseconds. */
export const copySpan = 2_000_000
/** Copies arrive at most this long after each other, in microseconds. */
const maxArrivalGap = 900_000_000

const isCopy = (counted: Sighting, later: Sighting): boolean =>
  later.at - counted.at < copySpan &&
  (counted.isRefilled || later.isRefilled || Math.abs(later.arrivedAt - counted.arrivedAt) <= maxArrivalGap)

/** Earliest first; equal times in the order of arrival. */
const byTime = (a: Sighting, b: Sighting): number =>
  a.at - b.at || a.arrivedAt - b.arrivedAt || Number(a.isRefilled) - Number(b.isRefilled)

export interface Decision<A extends Sighting> {
  readonly sighting: A
  readonly isCounted: boolean
}

/**
 * Decides which sightings of a share count: the earliest, and each one that is not a copy of a counted one. A copy of
 * a copy can count. `before` has the counted sightings of the 2 seconds before the first of `sightings`.
 */
export const decideCounted = <A extends Sighting>(
  sightings: ReadonlyArray<A>,
  before: ReadonlyArray<Sighting> = []
): ReadonlyArray<Decision<A>> => {
  let counted = before
  return sightings.toSorted(byTime).map((sighting) => {
    counted = counted.filter(({ at }) => sighting.at - at < copySpan)
    const isCounted = !counted.some((earlier) => isCopy(earlier, sighting))
    if (isCounted) counted = [...counted, sighting]
    return { sighting, isCounted }
  })
}

/** Sighting in the table `mining_shares`. */
export interface StoredSighting extends Sighting {
  readonly isCounted: boolean
}

export interface Recount<A> {
  /** New sightings to store, in order of time. */
  readonly added: ReadonlyArray<{ readonly sighting: A; readonly isCounted: boolean }>
  /** Stored sightings whose `isCounted` changes, with the new value. */
  readonly changed: ReadonlyArray<StoredSighting>
  /** Number of new sightings that equal another one in every field, so that one row is enough. */
  readonly repeated: number
}

const isSame = (a: Sighting, b: Sighting): boolean => byTime(a, b) === 0

/**
 * Adds sightings to the stored ones. The result for a set of sightings does not depend on their order and batches.
 * `stored` has those of the 2 seconds before the first new one and all later ones.
 */
export const recount = <A extends Sighting>(
  stored: ReadonlyArray<StoredSighting>,
  arrived: ReadonlyArray<A>
): Recount<A> => {
  const distinct = arrived.filter(
    (sighting, index) =>
      !stored.some((other) => isSame(other, sighting)) &&
      arrived.findIndex((other) => isSame(other, sighting)) === index
  )
  const first = Math.min(...distinct.map(({ at }) => at))
  const before = stored.filter(({ at, isCounted }) => isCounted && at < first)
  const known = stored.filter(({ at }) => at >= first).map((row) => ({ ...row, row, sighting: undefined }))
  const fresh = distinct.map(({ arrivedAt, at, isRefilled }, index) => ({
    at,
    arrivedAt,
    isRefilled,
    row: undefined,
    sighting: distinct[index]
  }))
  const decisions = decideCounted([...known, ...fresh], before)
  return {
    added: decisions.flatMap(({ isCounted, sighting: { sighting } }) =>
      sighting === undefined ? [] : [{ sighting, isCounted }]
    ),
    changed: decisions.flatMap(({ isCounted, sighting: { row } }) =>
      row === undefined || row.isCounted === isCounted ? [] : [{ ...row, isCounted }]
    ),
    repeated: arrived.length - distinct.length
  }
}

/** Whether a row of `shares` is already counted. */
export const isCountedIn = (stored: ReadonlyArray<StoredSighting>, { at }: Sighting): boolean =>
  stored.some((row) => row.isCounted && Math.abs(row.at - at) < copySpan)
