import { createHash } from "node:crypto"
import { integrityOf } from "../../../src/domain/mining/Integrity.ts"
import type { Board } from "../../../src/domain/weeks/Board.ts"
import type { ReferenceShare } from "../mining/Reference.ts"

/*
 * The boards of a week from single shares, written from section 6 of the contract, not from the code of the fold.
 */

/** Accounts and integrity, on which boards depend besides shares. */
export interface Players {
  /** Account of an address. */
  readonly accounts: ReadonlyMap<string, string>
  /** Accounts without an entry on the board of luck. */
  readonly suspects: ReadonlySet<string>
}

export type NaiveEntry = {
  readonly board: Board
  readonly address: string
  readonly account: string | null
  readonly value: number
  /** Microseconds since 1970. */
  readonly at: number
  readonly shares: number
  /** Value over the days before today; null if there was no entry. */
  readonly before: number | null
}

export type NaiveRank = Omit<NaiveEntry, "before"> & {
  readonly position: number
  readonly rank: number
  readonly rank_change: number | null
}

export const day = 86_400_000_000

const bestOf = (shares: ReadonlyArray<ReferenceShare>) =>
  shares.toSorted(
    (a, b) => b.reached - a.reached || a.at - b.at || (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)
  )[0]

/** Exact sum of difficulties with at most 6 decimals. */
const workOf = (shares: ReadonlyArray<ReferenceShare>): number =>
  Number(`${shares.reduce((sum, { difficulty }) => sum + BigInt(Math.round(difficulty * 1e6)), 0n)}e-6`)

const luckOf = (shares: ReadonlyArray<ReferenceShare>): number | null => {
  const best = bestOf(shares)?.reached ?? 0
  return shares.length < 100 ? null : shares.reduce((product, share) => product * (1 - share.difficulty / best), 1)
}

const valuesOf: Record<Board, (shares: ReadonlyArray<ReferenceShare>) => number | null> = {
  difficulty: (shares) => bestOf(shares)?.reached ?? null,
  work: (shares) => (shares.length === 0 ? null : workOf(shares)),
  luck: luckOf
}

const groupsOf = (board: Board, shares: ReadonlyArray<ReferenceShare>, { accounts, suspects }: Players) => {
  if (board !== "luck")
    return [...Map.groupBy(shares, ({ address }) => address).values()].map((group) => ({ group, account: null }))
  const lucky = shares.filter(({ difficulty, reached }) => reached >= difficulty)
  return [...Map.groupBy(lucky, ({ address }) => accounts.get(address))].flatMap(([account, group]) =>
    account === undefined || suspects.has(account) ? [] : [{ group, account }]
  )
}

/** Entries of all boards of the week that begins at `monday`, seen on the day that begins at `today`. */
export const naiveEntries = (
  shares: ReadonlyArray<ReferenceShare>,
  monday: number,
  today: number,
  players: Players
): ReadonlyArray<NaiveEntry> => {
  const ofWeek = shares.filter(({ at }) => at >= monday && at < monday + 7 * day)
  return (["difficulty", "work", "luck"] as const).flatMap((board) =>
    groupsOf(board, ofWeek, players).flatMap(({ account, group }) => {
      const value = valuesOf[board](group)
      const best = bestOf(group)
      if (value === null || best === undefined) return []
      const before = valuesOf[board](group.filter(({ at }) => at < today))
      return [{ board, address: best.address, account, value, at: best.at, shares: group.length, before }]
    })
  )
}

const isBefore = (a: NaiveEntry, b: NaiveEntry): boolean =>
  a.value !== b.value ? a.value > b.value : a.at === b.at ? a.address < b.address : a.at < b.at

/** Ranks by the definition: one more than the number of entries with a higher value. */
export const naiveRanks = (entries: ReadonlyArray<NaiveEntry>): ReadonlyArray<NaiveRank> =>
  entries.map(({ before, ...entry }) => {
    const others = entries.filter(({ board }) => board === entry.board)
    const rank = 1 + others.filter(({ value }) => value > entry.value).length
    const earlier = before === null ? null : 1 + others.filter((other) => (other.before ?? -1) > before).length
    return {
      ...entry,
      position: 1 + others.filter((other) => isBefore(other, { ...entry, before })).length,
      rank,
      rank_change: earlier === null ? null : earlier - rank
    }
  })

/** Accounts with a suspect address, by the shares of 7 days. */
export const naiveSuspects = (
  shares: ReadonlyArray<ReferenceShare>,
  lastDay: number,
  accounts: ReadonlyMap<string, string>
): ReadonlySet<string> => {
  const tested = shares.filter(
    ({ at, difficulty, reached }) => reached >= difficulty && at >= lastDay - 6 * day && at < lastDay + day
  )
  return new Set(
    [...Map.groupBy(tested, ({ address }) => address)].flatMap(([address, group]) => {
      const histogram = Array.from({ length: 64 }, () => 0)
      for (const { difficulty, reached } of group) {
        const bin = Math.min(63, Math.floor((64 * difficulty) / reached))
        histogram[bin] = (histogram[bin] ?? 0) + 1
      }
      const account = accounts.get(address)
      return account !== undefined && integrityOf(histogram).status === "suspect" ? [account] : []
    })
  )
}

const sha256 = (...parts: ReadonlyArray<string | Uint8Array>): Buffer =>
  parts.reduce<ReturnType<typeof createHash>>((hash, part) => hash.update(part), createHash("sha256")).digest()

/** Digest of a closed week, as the documentation describes it. */
export const naiveDigest = (ranks: ReadonlyArray<NaiveRank>, salt: Uint8Array): string => {
  const lines = (["difficulty", "work", "luck"] as const).flatMap((board) =>
    ranks
      .filter((rank) => rank.board === board)
      .toSorted((a, b) => a.position - b.position)
      .map(({ address, rank, value }) => {
        const hash = sha256(sha256(salt, address), address).toString("hex")
        return `${board},${rank},${JSON.stringify(value)},${hash}\n`
      })
  )
  return sha256(lines.join("")).toString("hex")
}
