/** Share that starts or ceases to count. Times are in microseconds since 1970. */
export interface Change {
  readonly addressId: number
  readonly workerId: number
  readonly at: number
  readonly difficulty: number
  readonly reached: number
}

const second = 1_000_000
const day = 86_400 * second

/** Start of the bucket of `seconds` that contains a time. */
export const bucketOf = (at: number, seconds: number): number => at - (at % (seconds * second))

/** Number of bins of a histogram of assigned by reached difficulty. */
const bins = 64

/** Bin of a share; `undefined` if it reached less than its assigned difficulty, which the distribution leaves out. */
export const binOf = ({ difficulty, reached }: Pick<Change, "difficulty" | "reached">): number | undefined =>
  reached < difficulty ? undefined : Math.min(bins - 1, Math.floor((bins * difficulty) / reached))

/** Whether `a` is the better share: the higher, then the earlier one. The worker decides between equal ones. */
export const isBetter = (a: Change, b: Change): boolean => {
  if (a.reached !== b.reached) return a.reached > b.reached
  return a.at === b.at ? a.workerId < b.workerId : a.at < b.at
}

const isLater = (a: Change, b: Change): boolean => a.at > b.at || (a.at === b.at && a.difficulty > b.difficulty)

/** Sums of the changes with the same key. */
interface Group {
  readonly first: Change
  shares: number
  below: number
  best: Change
  earliest: number
  latest: Change
}

const add = (group: Group, change: Change): void => {
  group.shares += 1
  if (change.reached < change.difficulty) group.below += 1
  if (isBetter(change, group.best)) group.best = change
  if (change.at < group.earliest) group.earliest = change.at
  if (isLater(change, group.latest)) group.latest = change
}

const groupBy = (changes: ReadonlyArray<Change>, keyOf: (change: Change) => string | number): ReadonlyArray<Group> => {
  const groups = new Map<string | number, Group>()
  for (const change of changes) {
    const key = keyOf(change)
    let group = groups.get(key)
    if (group === undefined) {
      group = { first: change, shares: 0, below: 0, best: change, earliest: change.at, latest: change }
      groups.set(key, group)
    }
    add(group, change)
  }
  return [...groups.values()]
}

/** Rows of a roll-up of `seconds`. */
export const workRows = (changes: ReadonlyArray<Change>, seconds: number) =>
  groupBy(changes, ({ at, difficulty, workerId }) => `${workerId} ${bucketOf(at, seconds)} ${difficulty}`).map(
    ({ below, best, first, shares }) => ({
      worker: first.workerId,
      bucket: bucketOf(first.at, seconds),
      difficulty: first.difficulty,
      shares,
      below,
      best: best.reached,
      best_at: best.at
    })
  )

const minerRow = ({ best, earliest, latest, shares }: Group) => ({
  shares,
  first_seen: earliest,
  last_share_at: latest.at,
  difficulty: latest.difficulty,
  best: best.reached,
  best_at: best.at,
  best_worker: best.workerId
})

export const workerRows = (changes: ReadonlyArray<Change>) =>
  groupBy(changes, ({ workerId }) => workerId).map((group) => ({ id: group.first.workerId, ...minerRow(group) }))

export const addressRows = (changes: ReadonlyArray<Change>) =>
  groupBy(changes, ({ addressId }) => addressId).map((group) => ({ id: group.first.addressId, ...minerRow(group) }))

/** Rows of the histogram of each address and day. */
export const ratioRows = (changes: ReadonlyArray<Change>) =>
  groupBy(
    changes.filter((change) => binOf(change) !== undefined),
    (change) => `${change.addressId} ${bucketOf(change.at, 86_400)} ${binOf(change) ?? ""}`
  ).map(({ first, shares }) => ({
    address: first.addressId,
    day: Math.floor(first.at / day),
    bin: binOf(first) ?? 0,
    shares
  }))

/** Shares of the whole pool by second and assigned difficulty. */
export const poolRows = (changes: ReadonlyArray<Change>) =>
  groupBy(changes, ({ at, difficulty }) => `${bucketOf(at, 1)} ${difficulty}`).map(({ first, shares }) => ({
    bucket: bucketOf(first.at, 1),
    difficulty: first.difficulty,
    shares
  }))

/** Best share of the whole pool on each day. */
export const poolBests = (changes: ReadonlyArray<Change>) =>
  groupBy(changes, ({ at }) => bucketOf(at, 86_400)).map(({ best }) => ({
    day: Math.floor(best.at / day),
    best: best.reached,
    best_at: best.at,
    worker: best.workerId
  }))
