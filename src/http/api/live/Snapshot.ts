import { Schema } from "effect"
import { HttpApiEndpoint, OpenApi } from "effect/http-api"
import { Topics } from "../../../domain/live/Topic.ts"
import { freshness, Miner } from "../../../domain/mining/Miner.ts"
import { Pool } from "../../../domain/mining/Pool.ts"
import { Leaderboard } from "../../../domain/weeks/Leaderboard.ts"
import { Worker } from "../../../domain/mining/WorkerSummary.ts"
import { Invalid, NotFound, Unauthorized } from "../../Errors.ts"
import { BlockPage, NetworkState } from "../mining/Pool.ts"

export const topicsQuery = {
  topics: Topics.pipe(
    Schema.annotateEncoded({
      description:
        "1 to 20 topics, separated by commas: `pool`, `network`, `blocks`, `board`, `miner:{address}`, and `me`, which needs a session",
      examples: ["pool,network,miner:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]
    })
  )
}

const MinerState = Schema.Struct({
  miner: Miner,
  ...freshness,
  workers: Schema.Array(Worker).annotate({ description: "First page of the miner's workers" })
}).annotate({
  identifier: "LiveMinerState",
  description: "Body of GET /api/v1/miners/{address} with the first page of its workers"
})

const State = Schema.StructWithRest(
  Schema.Struct({
    pool: Schema.optionalKey(Pool),
    network: Schema.optionalKey(NetworkState),
    blocks: Schema.optionalKey(BlockPage),
    board: Schema.optionalKey(
      Schema.Struct({ difficulty: Leaderboard, work: Leaderboard, luck: Leaderboard }).annotate({
        description: "First page of each board of the current week"
      })
    ),
    me: Schema.optionalKey(
      Schema.Struct({ miners: Schema.Array(MinerState).annotate({ description: "Oldest address first" }) }).annotate({
        description: "Miners of the caller's addresses, without those that have not sent a share"
      })
    )
  }),
  [Schema.Record(Schema.TemplateLiteral(["miner:", Schema.String]), MinerState)]
).annotate({
  identifier: "LiveState",
  description: "State of each topic: the body of the endpoint with the same data"
})

const Snapshot = Schema.Struct({
  state: State,
  cursor: Schema.String.annotate({ description: "`cursor` of /api/v1/live, which continues from this state" })
}).annotate({
  identifier: "LiveSnapshot",
  description: "State of the requested topics",
  examples: [
    {
      state: {
        network: {
          network: {
            height: 931_861,
            hash: "00000000000000000001f2b4d1e8e0a6c5b3a29187f6d5c4b3a2918070605040",
            difficulty: 148_258_434_855_481,
            at: "2026-01-10T12:31:02.000000Z"
          }
        },
        blocks: { blocks: [], next_cursor: null, as_of: "2026-01-10T12:34:57.000000Z", lag_ms: 0 }
      },
      cursor: "Mhh2QpT1l0mHq6yZrW8xSLR7Im4iOjQyLCJzIjowfQ"
    }
  ]
})

export const snapshot = HttpApiEndpoint.get("snapshot", "/live/snapshot", {
  query: topicsQuery,
  success: Snapshot,
  error: [Invalid, Unauthorized, NotFound]
}).annotateMerge(
  OpenApi.annotations({
    summary: "Get the state of topics",
    description:
      "Everything that a page needs at first, read in one transaction. A stream from `cursor` continues without loss or " +
      "repetition. 401 for `me` without a session, 404 for an unknown or hidden miner, 422 for an unknown topic."
  })
)
