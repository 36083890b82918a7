import { Schema } from "effect"

/** Work of each process in `limiterChild.ts`. */
export const LimiterPlan = Schema.fromJsonString(
  Schema.Struct({
    url: Schema.String,
    /** Number of processes; each round begins when all have arrived. */
    processes: Schema.Int,
    /** Number of concurrent fibers in each. */
    fibers: Schema.Int,
    rounds: Schema.Int,
    /** Number of keys per round. */
    keys: Schema.Int,
    limit: Schema.Int
  })
)

/** Number of admitted requests in one process, by round and key. */
export const Allowed = Schema.fromJsonString(Schema.Array(Schema.Array(Schema.Int)))
