import { Effect, Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Block } from "../../../domain/mining/Block.ts"
import { freshness } from "../../../domain/mining/Miner.ts"
import { Network, Pool } from "../../../domain/mining/Pool.ts"
import { Series, SeriesWindow } from "../../../domain/mining/Series.ts"
import { OptionalSession, optionalSession } from "../SignedIn.ts"
import { itemErrors, listQuery, MiningPage, MiningRead, nextCursor, readConditions, readErrors } from "./Read.ts"

export const seriesQuery = {
  window: SeriesWindow.pipe(
    Schema.annotateEncoded({ description: "Length of the chart", default: "24h" }),
    Schema.withDecodingDefaultKey(Effect.succeed("24h" as const))
  )
}

export const NetworkState = Schema.Struct({
  network: Schema.NullOr(Network).annotate({ description: "The newest block; null if none is known" })
}).annotate({ identifier: "NetworkState", description: "State of the Bitcoin network" })

export const BlockPage = Schema.Struct({
  blocks: Schema.Array(Block).annotate({ description: "Newest first" }),
  next_cursor: nextCursor,
  ...freshness
}).annotate({ identifier: "BlockPage", description: "A page of the list" })

const OneBlock = Schema.Struct({ block: Block, ...freshness }).annotate({
  identifier: "OneBlock",
  description: "The block"
})

const blockId = Schema.String.check(Schema.isPattern(/^[\w-]{1,40}$/u, { expected: "the id of a block" })).annotate({
  description: "Id of the block",
  examples: ["7"]
})

export class PoolApi extends HttpApiGroup.make("Pool")
  .add(
    HttpApiEndpoint.get("summary", "/pool", {
      headers: readConditions,
      success: MiningRead(Pool),
      error: readErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get the pool",
        description: "Hashrate, miners, workers, shares and best shares of the whole pool."
      })
    ),
    HttpApiEndpoint.get("hashrate", "/pool/hashrate", {
      query: seriesQuery,
      headers: readConditions,
      success: MiningRead(Series),
      error: readErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get the pool's hashrate over time",
        description:
          "Steps of 60, 300, 3600 and 21600 seconds for 1h, 24h, 7d and 30d. The last step is still in progress."
      })
    ),
    HttpApiEndpoint.get("network", "/network", {
      headers: readConditions,
      success: MiningRead(NetworkState),
      error: readErrors
    }).annotateMerge(
      OpenApi.annotations({ summary: "Get the Bitcoin network", description: "The newest block that the pool knows." })
    ),
    HttpApiEndpoint.get("blocks", "/blocks", {
      query: listQuery,
      headers: readConditions,
      success: MiningPage(BlockPage),
      error: readErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List the blocks that the pool found",
        description: "Newest first. The address and the worker are null if the miner is hidden."
      })
    ),
    HttpApiEndpoint.get("block", "/blocks/:id", {
      params: { id: blockId },
      headers: readConditions,
      success: MiningRead(OneBlock),
      error: itemErrors
    }).annotateMerge(OpenApi.annotations({ summary: "Get a block", description: "A block that the pool found." }))
  )
  .middleware(OptionalSession)
  .annotateEndpointsMerge(optionalSession)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "The pool, its blocks and the network" })) {}
