import { Schema } from "effect"
import { hashesPerDifficulty } from "./Rate.ts"

const Probability = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

export const Odds = Schema.Struct({
  hour: Probability.annotate({ description: "Probability of at least one block within an hour" }),
  day: Probability.annotate({ description: "Probability of at least one block within 24 hours" }),
  year: Probability.annotate({ description: "Probability of at least one block within 365 days" }),
  expected_seconds: Schema.NullOr(Schema.Finite).annotate({
    description: "Mean time to a block; null without hashrate"
  })
}).annotate({
  identifier: "Odds",
  description: "Chances of finding a block with the hashrate of the last 24 hours",
  examples: [{ hour: 6.8e-9, day: 1.6e-7, year: 5.9e-5, expected_seconds: 5.3e11 }]
})
export type Odds = typeof Odds.Type

const day = 86_400

/** Mean seconds between blocks at a hashrate and a network difficulty; null without hashrate. */
export const secondsPerBlock = (hashrate: number, difficulty: number): number | null =>
  hashrate > 0 ? (difficulty * hashesPerDifficulty) / hashrate : null

/** Probability of at least one block in a time, exact for tiny rates. */
const blockProbability = (hashrate: number, difficulty: number, seconds: number): number =>
  -Math.expm1((-hashrate * seconds) / (difficulty * hashesPerDifficulty))

export const oddsOf = (hashrate: number, difficulty: number): Odds => ({
  hour: blockProbability(hashrate, difficulty, 3600),
  day: blockProbability(hashrate, difficulty, day),
  year: blockProbability(hashrate, difficulty, 365 * day),
  expected_seconds: secondsPerBlock(hashrate, difficulty)
})
