import { Schema } from "effect"

/** What each of the processes in `limiterChild.ts` does. */
export const LimiterPlan = Schema.fromJsonString(
  Schema.Struct({
    url: Schema.String,
    /** How many there are; each round begins when all are there. */
    processes: Schema.Int,
    /** How many ask at once in each. */
    fibers: Schema.Int,
    rounds: Schema.Int,
    /** How many keys they ask for in a round. */
    keys: Schema.Int,
    limit: Schema.Int
  })
)

/** How many were allowed in one process: by round, then by key. */
export const Allowed = Schema.fromJsonString(Schema.Array(Schema.Array(Schema.Int)))
