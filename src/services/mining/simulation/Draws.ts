import { Effect, Random } from "effect"
import type { Array } from "effect"

/** Random draws of a simulation; the same seed gives the same draws. */
export interface Draws {
  /** Uniform on (0, 1]. */
  readonly uniform: () => number
  /** Uniform between two numbers. */
  readonly between: (low: number, high: number) => number
  /** Exponential with this mean. */
  readonly exponential: (mean: number) => number
  /** Log-normal with this median; `sigma` is the standard deviation of the logarithm. */
  readonly logNormal: (median: number, sigma: number) => number
  readonly isTrue: (probability: number) => boolean
  readonly pick: <A>(list: Array.NonEmptyReadonlyArray<A>) => A
  readonly hex: (digits: number) => string
  readonly bytes: (length: number) => Uint8Array
}

const drawsOf = (random: Random.Random): Draws => {
  const uniform = () => 1 - random.nextDoubleUnsafe()
  const below = (count: number) => Math.floor(random.nextDoubleUnsafe() * count)
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    exponential: (mean) => -mean * Math.log(uniform()),
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    isTrue: (probability) => random.nextDoubleUnsafe() < probability,
    pick: (list) => list[below(list.length)] ?? list[0],
    hex: (digits) => globalThis.Array.from({ length: digits }, () => below(16).toString(16)).join(""),
    bytes: (length) => Uint8Array.from({ length }, () => below(256))
  }
}

/** Draws from a seed. */
export const draws = (seed: string): Effect.Effect<Draws> =>
  Effect.map(Random.Random, drawsOf).pipe(Random.withSeed(seed))
