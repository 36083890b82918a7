/*
 * A naive model of the projection: a fold over the set of shares, without batches, order or incremental state. It is
 * written from sections 1 to 3 of the contract, not from the code of the projection.
 */

/** A valid share as it arrived. Times are in microseconds since 1970. */
export interface ReferenceShare {
  readonly address: string
  /** Name after the address, at most 128 bytes, not empty. */
  readonly worker: string
  readonly at: number
  /** Time of arrival, or `undefined` for a row of `shares`, which is a copy at any distance of arrivals. */
  readonly arrival: number | undefined
  readonly difficulty: number
  readonly reached: number
}

const second = 1_000_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const keyOf = ({ address, difficulty, reached, worker }: ReferenceShare) =>
  JSON.stringify([address, worker, difficulty, reached])

const isCopy = (share: ReferenceShare, counted: ReferenceShare): boolean =>
  Math.abs(share.at - counted.at) < 2 * second &&
  (share.arrival === undefined ||
    counted.arrival === undefined ||
    Math.abs(share.arrival - counted.arrival) <= 15 * minute)

/** Earliest first; equal times in the order of arrival, rows of `shares` last. */
const byTime = (one: ReferenceShare, other: ReferenceShare): number =>
  one.at - other.at || (one.arrival ?? Infinity) - (other.arrival ?? Infinity) || 0

/** Shares that count: the earliest first, without those less than 2 seconds from a counted one. */
export const countedShares = (shares: ReadonlyArray<ReferenceShare>): ReadonlyArray<ReferenceShare> =>
  [...Map.groupBy(shares, keyOf).values()].flatMap((group) => {
    const counted: Array<ReferenceShare> = []
    for (const share of group.toSorted(byTime)) {
      if (!counted.some((former) => isCopy(share, former))) counted.push(share)
    }
    return counted
  })

const startOf = (at: number, step: number): number => Math.floor(at / step) * step

interface Best {
  readonly best: number
  readonly best_at: number
}

// A call has a limited number of arguments, and a pool has more shares.
const highest = (values: ReadonlyArray<number>): number => values.reduce((one, other) => Math.max(one, other))
const lowest = (values: ReadonlyArray<number>): number => values.reduce((one, other) => Math.min(one, other))

/** Highest reached difficulty, and its earliest share. */
const bestOf = (shares: ReadonlyArray<ReferenceShare>): Best => {
  const best = highest(shares.map(({ reached }) => reached))
  return { best, best_at: lowest(shares.filter(({ reached }) => reached === best).map(({ at }) => at)) }
}

const times = (shares: ReadonlyArray<ReferenceShare>) => ({
  shares: shares.length,
  first_seen: lowest(shares.map(({ at }) => at)),
  last_share_at: highest(shares.map(({ at }) => at))
})

/** Rows of groups of shares; a row begins with the parts of its key. */
const rowsBy = <Row>(
  shares: ReadonlyArray<ReferenceShare>,
  key: (share: ReferenceShare) => ReadonlyArray<string | number>,
  row: (group: ReadonlyArray<ReferenceShare>) => Row
) =>
  [...Map.groupBy(shares, (share) => JSON.stringify(key(share)))].map(([text, group]) => {
    const parts: unknown = JSON.parse(text)
    return { key: parts, ...row(group) }
  })

const workBy = (shares: ReadonlyArray<ReferenceShare>, step: number) =>
  rowsBy(
    shares,
    ({ address, at, difficulty, worker }) => [address, worker, startOf(at, step), difficulty],
    (group) => ({
      shares: group.length,
      below: group.filter(({ difficulty, reached }) => reached < difficulty).length,
      ...bestOf(group)
    })
  )

const sumBy = (shares: ReadonlyArray<ReferenceShare>, value: (difficulty: number) => number): number =>
  shares.reduce((sum, { difficulty }) => sum + value(difficulty), 0)

export const rounded = (value: number): number => Number(value.toPrecision(11))

const poolBy = (shares: ReadonlyArray<ReferenceShare>, step: number) =>
  rowsBy(
    shares,
    ({ at }) => [step / second, startOf(at, step)],
    (group) => ({
      shares: group.length,
      // Sums in another order differ in the last digits.
      work: rounded(sumBy(group, (difficulty) => difficulty)),
      work_squared: rounded(sumBy(group, (difficulty) => difficulty ** 2))
    })
  )

const binOf = ({ difficulty, reached }: ReferenceShare): number => Math.min(63, Math.floor((64 * difficulty) / reached))

/** Content of the projection's tables after these shares. Times are in microseconds since 1970. */
export const expectedTables = (shares: ReadonlyArray<ReferenceShare>) => {
  const counted = countedShares(shares)
  const valid = counted.filter(({ difficulty, reached }) => reached >= difficulty)
  const ofMiner = (group: ReadonlyArray<ReferenceShare>) => ({ ...times(group), ...bestOf(group) })
  return {
    addresses: rowsBy(counted, ({ address }) => [address], ofMiner),
    workers: rowsBy(counted, ({ address, worker }) => [address, worker], ofMiner),
    work5m: workBy(counted, 5 * minute),
    work1h: workBy(counted, hour),
    work1d: workBy(counted, day),
    ratios: rowsBy(
      valid,
      (share) => [share.address, startOf(share.at, day), binOf(share)],
      (group) => ({ shares: group.length })
    ),
    pool: [second, minute, 5 * minute, hour, day].flatMap((step) => poolBy(counted, step)),
    poolBests: rowsBy(counted, ({ at }) => [startOf(at, day)], bestOf)
  }
}

type Tables = Readonly<Record<string, ReadonlyArray<object>>>

/** Rows as text, whatever the order of their members. */
const textsOf = (rows: Tables[string] = []): ReadonlyArray<string> =>
  rows.map((row) => JSON.stringify(Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1))))

/** Rows that only one of two versions has. */
export const differences = (actual: Tables, expected: Tables) =>
  Object.keys(expected).flatMap((table) => {
    const [found, wanted] = [new Set(textsOf(actual[table])), new Set(textsOf(expected[table]))]
    const extra = [...found].filter((row) => !wanted.has(row))
    const missing = [...wanted].filter((row) => !found.has(row))
    return extra.length + missing.length === 0 ? [] : [{ table, extra, missing }]
  })
