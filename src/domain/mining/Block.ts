import { Schema } from "effect"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { Difficulty } from "./Miner.ts"

export const BlockStatus = Schema.Literals(["pending", "confirmed", "orphaned"])

export const Block = Schema.Struct({
  id: Schema.String.annotate({ description: "Id of the block" }),
  height: Count.annotate({ description: "Block height" }),
  hash: Schema.NullOr(Schema.String).annotate({ description: "Block hash; null if unknown" }),
  status: BlockStatus.annotate({ description: "`confirmed` 100 blocks later; `orphaned` if the network left it" }),
  found_at: Timestamp.annotate({ description: "Time at which the pool found it" }),
  difficulty: Schema.NullOr(Difficulty).annotate({ description: "Network difficulty; null if unknown" }),
  address: Schema.NullOr(Schema.String).annotate({ description: "Address of the miner; null if unknown or hidden" }),
  worker: Schema.NullOr(Schema.String).annotate({ description: "Name of the worker; null if unknown or hidden" })
}).annotate({
  identifier: "Block",
  description: "A block that the pool found",
  examples: [
    {
      id: "7",
      height: 931_860,
      hash: null,
      status: "pending",
      found_at: "2026-01-10T12:20:11.000000Z",
      difficulty: 148_258_434_855_481,
      address: "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
      worker: "rig1"
    }
  ]
})
export type Block = typeof Block.Type

/** The pool found no block with this id. */
export class BlockNotFound extends Schema.TaggedError<BlockNotFound>()("BlockNotFound", { id: Schema.String }) {}
