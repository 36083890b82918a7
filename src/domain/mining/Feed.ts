import { Schema } from "effect"
import { examples } from "../live/Examples.ts"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { Difficulty } from "./Miner.ts"

const address = Schema.String.annotate({ description: "Bitcoin address of the miner" })
const worker = Schema.String.annotate({ description: "Name of the worker" })
const at = Timestamp.annotate({ description: "Time of the event" })

export const BestData = Schema.Struct({
  type: Schema.Literal("best").annotate({ description: "A new best share of the address" }),
  address,
  worker,
  difficulty: Difficulty.annotate({ description: "Difficulty that the share reached" }),
  previous: Schema.NullOr(Difficulty).annotate({ description: "The best share before; null if it is the first" }),
  at
}).annotate({
  identifier: "BestEvent",
  description: "A new best share",
  examples: [examples.best]
})

export const BlockData = Schema.Struct({
  type: Schema.Literal("block").annotate({ description: "A block found by the address" }),
  id: Count.annotate({ description: "Id of the block under /blocks" }),
  height: Count.annotate({ description: "Block height" }),
  hash: Schema.NullOr(Schema.String).annotate({ description: "Block hash; null if unknown" }),
  address: Schema.NullOr(Schema.String).annotate({ description: "Bitcoin address of the miner" }),
  worker: Schema.NullOr(Schema.String).annotate({ description: "Name of the worker; null if unknown" }),
  difficulty: Schema.NullOr(Difficulty).annotate({ description: "Network difficulty; null if unknown" }),
  at
}).annotate({
  identifier: "BlockEvent",
  description: "A block that a miner of the pool found",
  examples: [examples.block]
})

const WorkerData = Schema.Struct({
  type: Schema.Literal("worker").annotate({ description: "A worker with its first share or connect" }),
  address,
  worker,
  state: Schema.Literal("seen").annotate({ description: "First share or connect" }),
  at
}).annotate({ identifier: "WorkerEvent", description: "A new worker" })

export const FeedData = Schema.Union([BestData, BlockData, WorkerData])
type FeedData = typeof FeedData.Type

const withThousands = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 })

/** Title of an event, in English. */
export const titleOf = (data: FeedData): string => {
  switch (data.type) {
    case "best":
      return `New best share by ${data.worker}: difficulty ${withThousands.format(data.difficulty)}`
    case "block":
      return `Block ${withThousands.format(data.height)} found${data.worker === null ? "" : ` by ${data.worker}`}`
    case "worker":
      return `New worker ${data.worker}`
  }
}

export const FeedItem = Schema.Struct({
  id: Count.annotate({ description: "Number of the event; later ones have higher numbers" }),
  type: Schema.Literals(["best", "block", "worker"]).annotate({ description: "Type of `data`" }),
  time: at,
  title: Schema.String.annotate({ description: "The event in English" }),
  data: FeedData.annotate({ description: "The event" })
}).annotate({
  identifier: "FeedItem",
  description: "An event of the player's miners",
  examples: [
    {
      id: 314,
      type: "best",
      time: "2026-01-07T02:44:10.100000Z",
      title: "New best share by rig1: difficulty 694,365,556.35",
      data: {
        type: "best",
        address: "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        worker: "rig1",
        difficulty: 694_365_556.35,
        previous: 82_113_007.5,
        at: "2026-01-07T02:44:10.100000Z"
      }
    }
  ]
})
export type FeedItem = typeof FeedItem.Type
