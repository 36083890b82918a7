import { assert } from "@effect/vitest"
import { DateTime } from "effect"
import { alice, bob, now, sharesOf } from "./MiningRoutes.ts"
import type { StoredShare } from "./StoredShares.ts"

const day = 86_400_000
const ofBob = [31, 62, 93].map((minutes) => ({
  address: bob,
  worker: "default",
  difficulty: 1e6,
  reached: 2e6,
  at: now - minutes * 60_000
}))
const honest = sharesOf([
  { address: alice, worker: "rig1", difficulties: [1024, 2048], shares: 900, oldest: 20 * day },
  { address: alice, worker: "a.b", difficulties: [512.5], shares: 300, oldest: 30 * 3_600_000 }
])
/** Shares of two miners: one with two workers and mixed difficulties, one with three shares. */
export const shares = [...honest, ...ofBob]
export const isOf = (address: string, worker?: string) => (share: StoredShare) =>
  share.address === address && (worker === undefined || share.worker === worker)
export const ofAlice = shares.filter(isOf(alice))

const lengths = { "1m": 60, "5m": 300, "1h": 3600, "24h": 86_400, "7d": 604_800 }

/** Windows from 24 hours on begin at the nearest multiple of 5 minutes. */
const startOf = (seconds: number): number => {
  const start = now - seconds * 1000
  return seconds < 86_400 ? start + 1 : Math.round(start / 300_000) * 300_000
}

/** Number of shares and value of each window, summed share by share. */
export const expectedRates = (own: ReadonlyArray<StoredShare>) =>
  Object.entries(lengths).map(([window, seconds]) => {
    const inside = own.filter(({ at }) => at >= startOf(seconds))
    const work = inside.reduce((sum, { difficulty }) => sum + difficulty, 0)
    return [window, inside.length, (work * 2 ** 32) / seconds] as const
  })

/** Compares hashrates with sums over shares, share by share. */
export const assertRates = (found: unknown, own: ReadonlyArray<StoredShare>) => {
  const rates = Object(found)
  for (const [window, count, value] of expectedRates(own)) {
    const rate = Object(rates[window])
    assert.strictEqual(rate.shares, count, window)
    assert.closeTo(rate.value, value, value * 1e-12, window)
    assert.isAtMost(rate.low, value, window)
    assert.isAtLeast(rate.high, value, window)
  }
}

export const textOf = (at: number): string => `${DateTime.formatIso(DateTime.makeUnsafe(at)).slice(0, -1)}000Z`

/** Best share since a time; ever, if the text is empty. */
export const bestSince = (own: ReadonlyArray<StoredShare>, since: string) => {
  const start = since === "" ? 0 : DateTime.toEpochMillis(DateTime.makeUnsafe(since))
  const [best] = own.filter(({ at }) => at >= start).toSorted((a, b) => b.reached - a.reached)
  return best === undefined ? null : { difficulty: best.reached, at: textOf(best.at), worker: best.worker }
}
