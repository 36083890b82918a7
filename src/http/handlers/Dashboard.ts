import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Accounts } from "../../services/auth/Accounts.ts"
import { DashboardFigures } from "../../services/mining/DashboardFigures.ts"
import { DashboardShares } from "../../services/mining/DashboardShares.ts"
import { DashboardWorkers } from "../../services/mining/DashboardWorkers.ts"
import { HashrateSeries } from "../../services/mining/HashrateSeries.ts"
import { MinerShares, SharePlace } from "../../services/mining/MinerShares.ts"
import { MiningFeed } from "../../services/mining/MiningFeed.ts"
import { BlockPlace, PoolBlocks } from "../../services/mining/PoolBlocks.ts"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/SignedIn.ts"
import { constant, decaying, miningReads, settling } from "./mining/Read.ts"
import type { Answer, Drift, Reading, Request } from "./mining/Read.ts"

export const DashboardHandlers = HttpApiBuilder.group(
  Api,
  "Dashboard",
  Effect.fnUntraced(function* (group) {
    const { addressesOf } = yield* Accounts
    const { hashrate, stats } = yield* DashboardFigures
    const { bests, scatter } = yield* DashboardShares
    const workers = yield* DashboardWorkers
    const series = yield* HashrateSeries
    const shares = yield* MinerShares
    const feed = yield* MiningFeed
    const blocks = yield* PoolBlocks
    const { pagesOf, respond } = yield* miningReads
    const sharePages = pagesOf("dashboard shares", SharePlace)
    const blockPages = pagesOf("dashboard blocks", BlockPlace)

    /** Answers a read of the caller's addresses. */
    const answer = Effect.fnUntraced(function* <Body>(
      { headers, url }: Request,
      drift: Drift,
      read: (addresses: ReadonlyArray<string>, reading: Reading) => Effect.Effect<Answer<Body>>
    ) {
      const { accountId } = yield* CurrentSession
      const addresses = yield* addressesOf(accountId)
      return yield* respond({ headers, url, scope: addresses.join() }, drift, (reading) => read(addresses, reading))
    })

    /** Answers a read whose body has no pages. */
    const answerWith = <Body>(
      request: Request,
      drift: Drift,
      read: (addresses: ReadonlyArray<string>, now: number) => Effect.Effect<Body>
    ) => answer(request, drift, (addresses, { now }) => Effect.map(read(addresses, now), (body) => ({ body })))

    return group.handleAll({
      workers: ({ request }) => answerWith(request, decaying, workers.list),
      hashrate: ({ request }) => answerWith(request, decaying, hashrate),
      bests: ({ request }) => answerWith(request, decaying, bests),
      stats: ({ request }) => answerWith(request, decaying, stats),
      scatter: ({ query: { limit }, request }) =>
        answerWith(request, decaying, (addresses, now) => scatter(addresses, now, limit)),
      feed: ({ query: { before_id, limit }, request }) =>
        answerWith(request, constant, (addresses) => feed.list(addresses, { limit, before: before_id })),
      chart: ({ query, request }) =>
        answerWith(request, decaying, (addresses, now) =>
          Effect.map(
            series.ofAddresses(addresses, query.window, now),
            ({ average, current, peak, points, window }) => ({
              window,
              points: points.map(({ at, value }) => ({ time: at, hashrate: value })),
              current,
              average,
              peak
            })
          )
        ),
      shares: Effect.fnUntraced(function* ({ query: { cursor, limit, worker_name: worker }, request }) {
        const { accountId } = yield* CurrentSession
        const scope = JSON.stringify([accountId, worker])
        const after = yield* sharePages.after(scope, cursor)
        return yield* answer(
          request,
          settling,
          Effect.fnUntraced(function* (addresses, { now }) {
            const page = yield* shares.ofAddresses(addresses, now, { limit, after, worker })
            const query = { limit: String(limit), ...(worker === undefined ? {} : { worker_name: worker }) }
            const { cursor, link } = sharePages.next(scope, "/api/v1/mining/shares", query, page.next)
            const pagination = { limit, has_more: cursor !== null, next_cursor: cursor }
            return { body: { data: page.shares, pagination }, link }
          })
        )
      }),
      blocks: Effect.fnUntraced(function* ({ query: { cursor, limit }, request }) {
        const { accountId } = yield* CurrentSession
        const after = yield* blockPages.after(accountId, cursor)
        return yield* answer(
          request,
          decaying,
          Effect.fnUntraced(function* (addresses, { freshness }) {
            const page = yield* blocks.list({ limit, after, addresses })
            const last = page.hasMore ? page.blocks.at(-1) : undefined
            const place = last && { at: last.found_at, id: last.id }
            const { cursor, link } = blockPages.next(
              accountId,
              "/api/v1/mining/blocks",
              { limit: String(limit) },
              place
            )
            return { body: { blocks: page.blocks, next_cursor: cursor, ...freshness }, link }
          })
        )
      })
    })
  })
)
