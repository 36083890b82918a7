import type { Board } from "../../../src/domain/weeks/Board.ts"
import { textOf } from "../mining/ExpectedRates.ts"
import type { StoredShare } from "../mining/StoredShares.ts"

/*
 * Boards as the contract defines them (section 6), computed from single shares. Nothing of the service's own code is
 * used, except for the names of the boards.
 */

export interface Player {
  readonly addresses: ReadonlyArray<string>
  readonly name: string | null
  readonly isPublic: boolean
}

interface Score {
  readonly address: string
  readonly value: number
  readonly at: number
  readonly shares: number
}

export const day = 86_400_000

const bestOf = (shares: ReadonlyArray<StoredShare>): StoredShare | undefined =>
  shares.toSorted((a, b) => b.reached - a.reached || a.at - b.at)[0]

const scoreOf = (group: ReadonlyArray<StoredShare>, value: (best: StoredShare) => number): ReadonlyArray<Score> => {
  const best = bestOf(group)
  if (best === undefined) return []
  return [{ address: best.address, value: value(best), at: best.at, shares: group.length }]
}

const scoresOf = (
  board: Board,
  shares: ReadonlyArray<StoredShare>,
  players: ReadonlyArray<Player>
): ReadonlyArray<Score> => {
  if (board === "luck") {
    return players.flatMap(({ addresses }) => {
      const own = shares.filter((one) => addresses.includes(one.address) && one.reached >= one.difficulty)
      if (own.length < 100) return []
      return scoreOf(own, ({ reached }) => own.reduce((product, one) => product * (1 - one.difficulty / reached), 1))
    })
  }
  const groups = [...Map.groupBy(shares, ({ address }) => address).values()]
  return groups.flatMap((group) =>
    scoreOf(group, ({ reached }) =>
      board === "difficulty" ? reached : group.reduce((sum, { difficulty }) => sum + difficulty, 0)
    )
  )
}

/** Products and sums in another order differ in the last digits. */
export const rounded = (value: number): number => Number(value.toPrecision(11))

const rankOf = (scores: ReadonlyArray<Score>, value: number): number =>
  1 + scores.filter((other) => rounded(other.value) > rounded(value)).length

/**
 * A board of the week that begins at `monday`, at a time. The names are those that anybody sees, and those of `viewer`.
 */
export const expectedBoard = (
  board: Board,
  shares: ReadonlyArray<StoredShare>,
  players: ReadonlyArray<Player>,
  { at, monday, viewer }: { readonly monday: number; readonly at: number; readonly viewer?: Player }
) => {
  const ofWeek = shares.filter((share) => share.at >= monday && share.at < monday + 7 * day)
  const midnight = Math.min(Math.floor(at / day) * day, monday + 6 * day)
  const scores = scoresOf(board, ofWeek, players)
  const before = scoresOf(
    board,
    ofWeek.filter((share) => share.at < midnight),
    players
  )
  const ownerOf = (address: string) => players.find(({ addresses }) => addresses.includes(address))
  const isSame = (one: Score, other: Score): boolean =>
    one.address === other.address || (board === "luck" && ownerOf(one.address) === ownerOf(other.address))
  return scores
    .toSorted((a, b) => rounded(b.value) - rounded(a.value) || a.at - b.at || (a.address < b.address ? -1 : 1))
    .map((score) => {
      const rank = rankOf(scores, score.value)
      const former = before.find((other) => isSame(other, score))
      const owner = ownerOf(score.address)
      const isShown = owner === undefined || owner.isPublic || owner === viewer
      return {
        address: score.address,
        entry: {
          rank,
          rank_change: former === undefined ? null : rankOf(before, former.value) - rank,
          name: isShown ? (owner?.name ?? null) : null,
          address: isShown ? score.address : null,
          value: rounded(score.value),
          at: textOf(score.at),
          shares: score.shares
        }
      }
    })
}
