import { Effect } from "effect"
import { newAddress } from "../../../src/services/mining/simulation/Addresses.ts"
import { draws } from "../../../src/services/mining/simulation/Draws.ts"
import type { Draws } from "../../../src/services/mining/simulation/Draws.ts"
import { second, start } from "../mining/Entries.ts"
import type { ReferenceShare } from "../mining/Reference.ts"
import { day } from "./NaiveBoards.ts"

/** Monday, 2024-12-02, at 00:00 UTC, in microseconds since 1970. */
export const firstMonday = start + day

const hour = 3600 * second
const minute = 60 * second

/** Shares of a week, by the time at which they arrive. */
export interface SeasonWeek {
  readonly monday: number
  readonly untilWednesday: ReadonlyArray<ReferenceShare>
  readonly untilSunday: ReadonlyArray<ReferenceShare>
  /** Arrive in the 10 minutes after the end of the week. */
  readonly late: ReadonlyArray<ReferenceShare>
  /** Copies of them that arrive a minute later, and count instead. */
  readonly replacements: ReadonlyArray<ReferenceShare>
  /** Arrive after the week was closed. */
  readonly afterClosing: ReadonlyArray<ReferenceShare>
}

/** Accounts of the season, by the index of their addresses. The last address has no account. */
export const accountOf = [0, 0, 1, 2, 2, 3, 4, undefined, undefined, undefined] as const

const difficulties = [0.1, 512, 1000.7, 4096] as const

/** Exact digits, so that a share has the same value in the event and in the table. */
const digits = (value: number): number => Number(value.toFixed(6))

const shareOf = (d: Draws, address: string, at: number): ReferenceShare => {
  const difficulty = d.pick(difficulties)
  // A share below its assigned difficulty can occur after a change of difficulty.
  const reached = d.isTrue(0.02) ? difficulty * 0.8 : difficulty / d.uniform()
  return { address, worker: d.pick(["rig", "default"]), at, arrival: undefined, difficulty, reached: digits(reached) }
}

/** Difficulties just above the assigned one, as no honest miner has them. */
const forged = (d: Draws, share: ReferenceShare): ReferenceShare => ({
  ...share,
  reached: digits(share.difficulty * d.between(1.001, 1.1))
})

/** Equal values at equal or different times, and two addresses with equal work. */
const ties = (d: Draws, addresses: ReadonlyArray<string>, monday: number): ReadonlyArray<ReferenceShare> => {
  const at = monday + Math.floor(d.between(0, 5)) * day + hour
  const top = { worker: "rig", arrival: undefined, difficulty: 512, reached: digits(1e7 * d.between(1, 2)) }
  const gap = d.isTrue(0.5) ? 0 : minute
  return [7, 8, 6].slice(0, d.isTrue(0.5) ? 3 : 2).flatMap((index, place) => {
    const address = addresses[index]
    return address === undefined ? [] : [{ ...top, address, at: at + place * gap }]
  })
}

/** Copies that arrive later and are dated earlier, so that they count instead, one of them in the week before. */
const replacements = (d: Draws, shares: ReadonlyArray<ReferenceShare>, monday: number): ReadonlyArray<ReferenceShare> =>
  shares.flatMap((share) => {
    if (share.at < monday + 7 * day) return d.isTrue(0.1) ? [{ ...share, at: share.at - 1_500_000 }] : []
    return [{ ...share, at: share.at - 1_900_000 }]
  })

const weekOf = (d: Draws, addresses: ReadonlyArray<string>, index: number): SeasonWeek => {
  const monday = firstMonday + index * 7 * day
  const shares = addresses.flatMap((address, place) => {
    if (d.isTrue(0.2)) return []
    const isBusy = accountOf[place] !== undefined && d.isTrue(0.6)
    const count = isBusy ? Math.floor(d.between(80, 170)) : Math.floor(d.between(1, 12))
    const isForged = isBusy && d.isTrue(0.2)
    return Array.from({ length: count }, () => {
      const share = shareOf(d, address, monday + Math.floor(d.uniform() * 7 * day) - 1)
      return isForged ? forged(d, share) : share
    })
  })
  const all = [...shares, ...ties(d, addresses, monday)]
  const isLate = new Set(all.filter(() => d.isTrue(0.04)))
  const isAfterClosing = new Set(all.filter((share) => !isLate.has(share) && d.isTrue(0.02)))
  const onTime = all.filter((share) => !isLate.has(share) && !isAfterClosing.has(share))
  const wednesday = monday + 2.5 * day
  const end = monday + 7 * day
  // Counted in the next week, until a copy from this week arrives.
  const next = d.isTrue(0.5)
    ? [{ ...shareOf(d, d.pick([addresses[0] ?? "", ...addresses]), end + second), worker: "rig" }]
    : []
  const late = [...isLate, ...next].map((share) => ({ ...share, arrival: end + 5 * minute }))
  return {
    monday,
    untilWednesday: onTime.filter(({ at }) => at < wednesday).map((share) => ({ ...share, arrival: share.at })),
    untilSunday: onTime.filter(({ at }) => at >= wednesday).map((share) => ({ ...share, arrival: share.at })),
    late,
    replacements: replacements(d, late, monday).map((share) => ({ ...share, arrival: end + 6 * minute })),
    afterClosing: [...isAfterClosing].map((share) => ({ ...share, arrival: end + 6 * hour }))
  }
}

/** A season of weeks with late shares, ties, forged shares and replaced copies. */
export const season = Effect.fnUntraced(function* (seed: string, weeks: number) {
  const d = yield* draws(seed)
  const addresses = accountOf.map(() => newAddress(d, "regtest"))
  return { addresses, weeks: Array.from({ length: weeks }, (_, index) => weekOf(d, addresses, index)) }
})
