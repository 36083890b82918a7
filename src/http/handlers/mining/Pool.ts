import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { HashrateSeries } from "../../../services/mining/HashrateSeries.ts"
import { BlockPlace, PoolBlocks } from "../../../services/mining/PoolBlocks.ts"
import { PoolState } from "../../../services/mining/PoolState.ts"
import { Api } from "../../api/Api.ts"
import { NotFound } from "../../Errors.ts"
import { constant, decaying, makeCachedRead, miningReads } from "./Read.ts"

export const PoolHandlers = HttpApiBuilder.group(
  Api,
  "Pool",
  Effect.fnUntraced(function* (group) {
    const pool = yield* PoolState
    const series = yield* HashrateSeries
    const blocks = yield* PoolBlocks
    const { pagesOf, respond } = yield* miningReads
    const pages = pagesOf("blocks", BlockPlace)
    const summaryOf = yield* makeCachedRead((_, now) =>
      Effect.flatMap(pool.population, (population) => pool.summary(now, population))
    )

    return group.handleAll({
      summary: ({ request }) =>
        respond(request, decaying, (reading) =>
          summaryOf("pool", reading).pipe(
            Effect.flatMap(pool.hideWorkers),
            Effect.map((summary) => ({ body: { ...summary, ...reading.freshness } }))
          )
        ),
      hashrate: ({ query, request }) =>
        respond(request, decaying, ({ freshness, now }) =>
          Effect.map(series.ofPool(query.window, now), (chart) => ({ body: { ...chart, ...freshness } }))
        ),
      network: ({ request }) =>
        respond(request, constant, () => Effect.map(pool.network, (network) => ({ body: { network } }))),
      blocks: Effect.fnUntraced(function* ({ query: { cursor, limit }, request }) {
        const after = yield* pages.after("", cursor)
        return yield* respond(
          request,
          decaying,
          Effect.fnUntraced(function* ({ freshness }) {
            const page = yield* blocks.list({ limit, after })
            const last = page.hasMore ? page.blocks.at(-1) : undefined
            const place = last && { at: last.found_at, id: last.id }
            const { cursor, link } = pages.next("", "/api/v1/blocks", { limit: String(limit) }, place)
            return { body: { blocks: page.blocks, next_cursor: cursor, ...freshness }, link }
          })
        )
      }),
      block: ({ params, request }) =>
        respond(request, decaying, ({ freshness }) =>
          Effect.map(blocks.find(params.id), (block) => ({ body: { block, ...freshness } }))
        ).pipe(Effect.catchTag("BlockNotFound", () => Effect.fail(new NotFound())))
    })
  })
)
