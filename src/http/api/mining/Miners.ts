import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { freshness, Miner } from "../../../domain/mining/Miner.ts"
import { Series } from "../../../domain/mining/Series.ts"
import { Share } from "../../../domain/mining/Share.ts"
import { Worker } from "../../../domain/mining/WorkerSummary.ts"
import { OptionalSession, optionalSession } from "../SignedIn.ts"
import { seriesQuery } from "./Pool.ts"
import {
  address,
  itemErrors,
  listQuery,
  MiningPage,
  MiningRead,
  nextCursor,
  readConditions,
  workerName
} from "./Read.ts"

const OneMiner = Schema.Struct({ miner: Miner, ...freshness }).annotate({
  identifier: "OneMiner",
  description: "The miner"
})

const WorkerPage = Schema.Struct({
  workers: Schema.Array(Worker).annotate({ description: "By name, in the order of its bytes" }),
  next_cursor: nextCursor,
  ...freshness
}).annotate({ identifier: "WorkerPage", description: "A page of the list" })

const OneWorker = Schema.Struct({ worker: Worker, ...freshness }).annotate({
  identifier: "OneWorker",
  description: "The worker"
})

const SharePage = Schema.Struct({
  shares: Schema.Array(Share).annotate({ description: "Newest first" }),
  next_cursor: nextCursor
}).annotate({ identifier: "SharePage", description: "A page of the list" })

const ofWorker = { worker: Schema.optionalKey(workerName.annotate({ description: "Only this worker" })) }

export class MinersApi extends HttpApiGroup.make("Miners")
  .add(
    HttpApiEndpoint.get("get", "/miners/:address", {
      params: { address },
      headers: readConditions,
      success: MiningRead(OneMiner),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get a miner",
        description:
          "404 if the address has not sent a share, or its miner is hidden. 422 with the reason if the address is invalid."
      })
    ),
    HttpApiEndpoint.get("workers", "/miners/:address/workers", {
      params: { address },
      query: listQuery,
      headers: readConditions,
      success: MiningPage(WorkerPage),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List the workers of a miner",
        description: "By name. An address has at most 1,000 workers; further ones are counted as `other`."
      })
    ),
    HttpApiEndpoint.get("worker", "/miners/:address/workers/:name", {
      params: { address, name: workerName },
      headers: readConditions,
      success: MiningRead(OneWorker),
      error: itemErrors
    }).annotateMerge(OpenApi.annotations({ summary: "Get a worker", description: "A worker of a miner." })),
    HttpApiEndpoint.get("hashrate", "/miners/:address/hashrate", {
      params: { address },
      query: { ...seriesQuery, ...ofWorker },
      headers: readConditions,
      success: MiningRead(Series),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get a miner's hashrate over time",
        description:
          "Steps of 60, 300, 3600 and 21600 seconds for 1h, 24h, 7d and 30d. The last step is still in progress."
      })
    ),
    HttpApiEndpoint.get("shares", "/miners/:address/shares", {
      params: { address },
      query: { ...listQuery, ...ofWorker },
      headers: readConditions,
      success: MiningPage(SharePage),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List the shares of a miner",
        description:
          "Newest first, from 2 seconds ago. 404 if `worker` is unknown. Paging never skips or repeats a share while others arrive."
      })
    )
  )
  .middleware(OptionalSession)
  .annotateEndpointsMerge(optionalSession)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "Miners, each identified by its payout address" })) {}
