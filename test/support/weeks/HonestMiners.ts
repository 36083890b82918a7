import { luckOf } from "../../../src/domain/weeks/Luck.ts"
import { drawPoisson, generatorOf } from "../mining/SimulatedMiner.ts"

/** Hashrates in H/s of the devices of miners, from a microcontroller to a rack. */
const hardware = [50e3, 1e6, 50e6, 2e9, 500e9, 3e12, 40e12, 200e12] as const

const secondsPerWeek = 7 * 86_400

/** A week of shares at difficulties that the pool adjusts; returns the luck of the miner. */
const drawLuck = (random: () => number, hashrate: number): number => {
  const total = (hashrate * secondsPerWeek) / 2 ** 32
  // Between 150 and 1500 expected shares, so that small and large counts are tested on all hardware.
  const base = total / (150 * 10 ** random())
  let best = 0
  const counts = Array.from({ length: 4 }, () => {
    const difficulty = base * 2 ** (Math.floor(random() * 3) - 1)
    const shares = drawPoisson(random, total / 4 / difficulty)
    for (let share = 0; share < shares; share++) best = Math.max(best, difficulty / random())
    return { difficulty, shares }
  })
  return luckOf(best, counts)
}

/** Luck of honest miners whose hardware is drawn from all classes with equal probability. */
export const honestMiners = ({ miners, seed }: { readonly miners: number; readonly seed: number }) => {
  const random = generatorOf(seed)
  return Array.from({ length: miners }, () => {
    const hardwareClass = Math.floor(random() * hardware.length)
    return { hardwareClass, luck: drawLuck(random, hardware[hardwareClass] ?? 0) }
  })
}

export const hardwareClasses = hardware.length

/** Largest distance between the distribution of values and the uniform one on (0, 1). */
export const uniformDistance = (values: ReadonlyArray<number>): number =>
  values
    .toSorted((a, b) => a - b)
    .reduce(
      (most, value, index) => Math.max(most, (index + 1) / values.length - value, value - index / values.length),
      0
    )
