import { rateOf } from "../../../src/domain/mining/Rate.ts"
import type { Work } from "../../../src/domain/mining/Rate.ts"

/** Uniform numbers on (0, 1) from a seed: Mulberry32. */
export const generatorOf = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
}

/** Poisson count by its arrivals, in parts of at most 500 expected events. */
export const drawPoisson = (random: () => number, mean: number): number => {
  let count = 0
  for (let left = mean; left > 0; left -= 500) {
    const limit = Math.exp(-Math.min(left, 500))
    for (let product = random(); product > limit; product *= random()) count += 1
  }
  return count
}

/** A miner whose difficulty changes by factors of two within the window, as a pool adjusts it. */
const drawWork = (random: () => number, hashrate: number, sharesAtBase: number, seconds: number) => {
  const total = (hashrate * seconds) / 2 ** 32
  const base = total / sharesAtBase
  const spans = 1 + Math.floor(random() * 4)
  const work = { shares: 0, sum: 0, squares: 0, largest: 0 } satisfies Work
  let expected = 0
  for (let span = 0; span < spans; span++) {
    const difficulty = base * 2 ** (Math.floor(random() * 5) - 2)
    const mean = total / spans / difficulty
    const shares = drawPoisson(random, mean)
    expected += mean
    work.shares += shares
    work.sum += shares * difficulty
    work.squares += shares * difficulty * difficulty
    work.largest = Math.max(work.largest, difficulty)
  }
  return { work, expected }
}

const shareOf = (outcomes: ReadonlyArray<boolean>) => ({
  miners: outcomes.length,
  covered: outcomes.filter(Boolean).length / outcomes.length
})

/** How often the interval covers the true hashrate of simulated miners from 50 kH/s to 200 TH/s. */
export const coverage = ({ miners, seed }: { readonly miners: number; readonly seed: number }) => {
  const random = generatorOf(seed)
  const atLeastFive: Array<boolean> = []
  const below: Array<boolean> = []
  for (let miner = 0; miner < miners; miner++) {
    const hashrate = 50e3 * (200e12 / 50e3) ** random()
    const seconds = 3600
    const { expected, work } = drawWork(random, hashrate, 0.2 * (500 / 0.2) ** random(), seconds)
    const { high, low } = rateOf(work, seconds)
    const isCovered = low <= hashrate && hashrate <= (high ?? 0)
    if (expected >= 5) atLeastFive.push(isCovered)
    else below.push(isCovered)
  }
  return { atLeastFive: shareOf(atLeastFive), below: shareOf(below) }
}
