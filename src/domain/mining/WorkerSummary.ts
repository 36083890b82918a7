import { Schema } from "effect"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { Best, Difficulty, exampleHashrates, WorkerName } from "./Miner.ts"
import { Hashrates } from "./Rate.ts"

/** The address has no worker of this name. */
export class WorkerNotFound extends Schema.TaggedError<WorkerNotFound>()("WorkerNotFound", { name: Schema.String }) {}

export const Worker = Schema.Struct({
  name: WorkerName,
  online: Schema.Boolean.annotate({
    description: "Whether it sent a share or connected within 5 minutes or 6 times its mean share interval"
  }),
  hashrate: Hashrates,
  difficulty: Schema.NullOr(Difficulty).annotate({ description: "Last assigned difficulty; null if unknown" }),
  best: Best.annotate({ description: "Best share ever" }),
  shares_24h: Count.annotate({ description: "Shares in the last 24 hours" }),
  first_seen: Schema.NullOr(Timestamp).annotate({
    description: "Time of the first share or connect; null if neither is known, as of a worker that only found a block"
  }),
  last_share_at: Schema.NullOr(Timestamp).annotate({ description: "Time of the last share; null before the first" })
}).annotate({
  identifier: "Worker",
  description: "A worker of a miner",
  examples: [
    {
      name: "rig1",
      online: true,
      hashrate: exampleHashrates,
      difficulty: 6_672,
      best: { difficulty: 694_365_556.35, at: "2026-01-07T02:44:10.100000Z", worker: "rig1" },
      shares_24h: 3648,
      first_seen: "2026-01-03T18:15:05.000000Z",
      last_share_at: "2026-01-10T12:34:56.789012Z"
    }
  ]
})
export type Worker = typeof Worker.Type

/** Shortest time without a share after which a worker is offline, and the factor of its own mean share interval. */
export const onlineRule = { seconds: 300, intervals: 6 }
