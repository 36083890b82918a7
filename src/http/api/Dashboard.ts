import { Effect, Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { DashboardChart, DashboardHashrate, DashboardStats, DashboardWorker } from "../../domain/mining/Dashboard.ts"
import { BestShare, DashboardBests, DashboardShare } from "../../domain/mining/DashboardShares.ts"
import { FeedItem } from "../../domain/mining/Feed.ts"
import { integerTextBetween } from "../../domain/Text.ts"
import { BlockPage, seriesQuery } from "./mining/Pool.ts"
import { listQuery, MiningPage, MiningRead, nextCursor, readConditions, readErrors, workerName } from "./mining/Read.ts"

const SharePage = Schema.Struct({
  data: Schema.Array(DashboardShare).annotate({ description: "Newest first" }),
  pagination: Schema.Struct({
    limit: Schema.Int.annotate({ description: "The requested number of items per page" }),
    has_more: Schema.Boolean.annotate({ description: "Whether another page follows" }),
    next_cursor: nextCursor
  }).annotate({ description: "Place of the page in the list" })
}).annotate({ identifier: "DashboardSharePage", description: "A page of the list" })

const ofWorker = {
  worker_name: Schema.optionalKey(workerName.annotate({ description: "Only shares of workers with this name" }))
}

const scatterQuery = {
  limit: integerTextBetween(1, 500).pipe(
    Schema.annotateEncoded({ description: "Maximum number of shares", default: 100 }),
    Schema.withDecodingDefaultKey(Effect.succeed("100"))
  )
}

const feedQuery = {
  limit: listQuery.limit,
  before_id: Schema.optionalKey(
    integerTextBetween(1, 999_999_999_999_999).pipe(
      Schema.annotateEncoded({ description: "Only events with lower ids, such as the last `id` of the previous page" })
    )
  )
}

const read = { headers: readConditions, error: readErrors }

/** Mining data of the signed-in player, all addresses of the account together. */
export class DashboardApi extends HttpApiGroup.make("Dashboard")
  .add(
    HttpApiEndpoint.get("workers", "/mining/workers", {
      ...read,
      success: MiningRead(Schema.Array(DashboardWorker).annotate({ description: "By name" }))
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List my workers",
        description: "All workers of all addresses of the player, by name in the order of its bytes."
      })
    ),
    HttpApiEndpoint.get("shares", "/mining/shares", {
      ...read,
      query: { ...listQuery, ...ofWorker },
      success: MiningPage(SharePage)
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List my shares",
        description: "Newest first, from 2 seconds ago. Paging never skips or repeats a share while others arrive."
      })
    ),
    HttpApiEndpoint.get("hashrate", "/mining/hashrate", {
      ...read,
      success: MiningRead(DashboardHashrate)
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get my hashrate and totals",
        description: "Hashrates are averages over the full window, including the time before the first share."
      })
    ),
    HttpApiEndpoint.get("chart", "/mining/hashrate/chart", {
      ...read,
      query: seriesQuery,
      success: MiningRead(DashboardChart)
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get my hashrate over time",
        description:
          "Steps of 60, 300, 3600 and 21600 seconds for 1h, 24h, 7d and 30d. The last step is still in progress."
      })
    ),
    HttpApiEndpoint.get("bests", "/mining/difficulty/bests", {
      ...read,
      success: MiningRead(DashboardBests)
    }).annotateMerge(
      OpenApi.annotations({ summary: "Get my best shares", description: "Best shares by UTC calendar period." })
    ),
    HttpApiEndpoint.get("scatter", "/mining/difficulty/scatter", {
      ...read,
      query: scatterQuery,
      success: MiningRead(Schema.Array(BestShare).annotate({ description: "Highest first" }))
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List my best shares of the last 30 days",
        description:
          "Highest first. Shares older than 2 hours are only the best per worker and assigned difficulty in each 5 minutes, " +
          "or in each hour if they are older than a day."
      })
    ),
    HttpApiEndpoint.get("blocks", "/mining/blocks", {
      ...read,
      query: listQuery,
      success: MiningPage(BlockPage)
    }).annotateMerge(OpenApi.annotations({ summary: "List my blocks", description: "Newest first." })),
    HttpApiEndpoint.get("stats", "/dashboard/stats", {
      ...read,
      success: MiningRead(DashboardStats)
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get my key figures",
        description: "Changes are in percent against the same span before, and null if that was 0."
      })
    ),
    HttpApiEndpoint.get("feed", "/dashboard/feed", {
      ...read,
      query: feedQuery,
      success: MiningRead(Schema.Array(FeedItem).annotate({ description: "Newest first" }))
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List my events",
        description:
          "New best shares, blocks and new workers. `before_id` continues after the last event of the previous page."
      })
    )
  )
  .prefix("/api/v1")
  .annotateMerge(
    OpenApi.annotations({ description: "Mining data of the signed-in player, all addresses of the account together" })
  ) {}
