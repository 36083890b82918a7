import { Context } from "effect"
import type { Effect } from "effect"
import type { BoardEvent, SummaryEvent } from "../../domain/live/LiveEvent.ts"
import type { MinerTopic } from "../../domain/live/Topic.ts"

/** Topic whose state is computed. `mining` is the age of the data. */
export type ComputedTopic = "pool" | "board" | "mining" | MinerTopic

/** States of topics, as REST answers them now. */
export class LiveSummaries extends Context.Service<
  LiveSummaries,
  {
    /**
     * Returns the events of a topic as callers without a session see them: one for each board, none for an unknown
     * miner. An event of a hidden miner goes to its owner only. `mining` is `stale` while Postgres does not answer;
     * for all other topics that is a defect.
     */
    readonly of: (topic: ComputedTopic) => Effect.Effect<ReadonlyArray<SummaryEvent | BoardEvent>>
  }
>()("tbg-api/services/live/LiveSummaries") {}
