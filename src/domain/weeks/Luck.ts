/** Minimum number of shares for an entry on the board `luck`. */
const minLuckShares = 100

/** Shares that reached their assigned difficulty. */
export interface DifficultyCount {
  readonly difficulty: number
  readonly shares: number
}

/**
 * Probability that an honest miner's best share is at most `best`: Π(1 − difficulty/best) over its shares. It is uniform
 * on (0, 1) for every honest miner, whatever the hashrate (mining-facts, "Arithmetic").
 *
 * The counts are added in the order of their difficulties, so that the result does not depend on their own order.
 */
export const luckOf = (best: number, counts: ReadonlyArray<DifficultyCount>): number => {
  const logarithm = counts
    .toSorted((a, b) => a.difficulty - b.difficulty)
    .reduce((sum, { difficulty, shares }) => (shares === 0 ? sum : sum + shares * Math.log1p(-difficulty / best)), 0)
  return Math.exp(logarithm)
}

/** Shares of an account that reached their assigned difficulty, for one day and one difficulty. */
export interface LuckRow extends DifficultyCount {
  /** ISO date. */
  readonly day: string
  /** Best share: its reached difficulty, its time in microseconds since 1970, and its address. */
  readonly best: number
  readonly bestAt: number
  readonly addressId: number
}

const isBetter = (a: LuckRow, b: LuckRow): boolean => {
  if (a.best !== b.best) return a.best > b.best
  return a.bestAt === b.bestAt ? a.addressId < b.addressId : a.bestAt < b.bestAt
}

const countsOf = (rows: ReadonlyArray<LuckRow>): ReadonlyArray<DifficultyCount> =>
  [...Map.groupBy(rows, ({ difficulty }) => difficulty)].map(([difficulty, group]) => ({
    difficulty,
    shares: group.reduce((sum, { shares }) => sum + shares, 0)
  }))

const sharesOf = (rows: ReadonlyArray<LuckRow>): number => rows.reduce((sum, { shares }) => sum + shares, 0)

const boardLuckOf = (rows: ReadonlyArray<LuckRow>, isSuspect: boolean): number | null => {
  if (isSuspect || sharesOf(rows) < minLuckShares) return null
  return luckOf(
    rows.reduce((best, row) => Math.max(best, row.best), 0),
    countsOf(rows)
  )
}

/** Result of an account in a week; `undefined` without a share. */
export const accountResultOf = (rows: ReadonlyArray<LuckRow>, isSuspect: boolean) => {
  const [first] = rows
  if (first === undefined) return undefined
  const best = rows.reduce((a, b) => (isBetter(b, a) ? b : a))
  const lastDay = rows.reduce((last, { day }) => (day > last ? day : last), first.day)
  return {
    luck: boardLuckOf(rows, isSuspect),
    shares: sharesOf(rows),
    best: best.best,
    bestAt: best.bestAt,
    addressId: best.addressId,
    lastDay,
    /** Luck over the days before the last. */
    luckBefore: boardLuckOf(
      rows.filter(({ day }) => day < lastDay),
      isSuspect
    )
  }
}
