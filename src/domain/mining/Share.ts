import { Schema } from "effect"
import { Timestamp } from "../Timestamp.ts"
import { Difficulty, WorkerName } from "./Miner.ts"

export const Share = Schema.Struct({
  at: Timestamp.annotate({ description: "Time of the share" }),
  worker: WorkerName,
  difficulty: Difficulty.annotate({ description: "Difficulty that was assigned to the worker" }),
  reached: Difficulty.annotate({ description: "Difficulty that the share reached" })
}).annotate({
  identifier: "Share",
  description: "An accepted share",
  examples: [{ at: "2026-01-10T12:34:56.789012Z", worker: "rig1", difficulty: 6672, reached: 18_221.04 }]
})
export type Share = typeof Share.Type
