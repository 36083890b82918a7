import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { HashrateSeries } from "../../../services/mining/HashrateSeries.ts"
import { Miners } from "../../../services/mining/Miners.ts"
import { MinerShares, SharePlace } from "../../../services/mining/MinerShares.ts"
import { MinerWorkers, publicWorkerOf, WorkerPlace } from "../../../services/mining/MinerWorkers.ts"
import { Api } from "../../api/Api.ts"
import { NotFound } from "../../Errors.ts"
import { decaying, makeCachedRead, miningReads, settling } from "./Read.ts"

const notFound = () => Effect.fail(new NotFound())

export const MinersHandlers = HttpApiBuilder.group(
  Api,
  "Miners",
  Effect.fnUntraced(function* (group) {
    const miners = yield* Miners
    const workers = yield* MinerWorkers
    const shares = yield* MinerShares
    const series = yield* HashrateSeries
    const { minerAt, pagesOf, respond } = yield* miningReads
    const workerPages = pagesOf("workers", WorkerPlace)
    const sharePages = pagesOf("shares", SharePlace)
    const summaryOf = yield* makeCachedRead(miners.find)

    return group.handleAll({
      get: Effect.fnUntraced(
        function* ({ params, request }) {
          const address = yield* minerAt(params.address)
          return yield* respond(request, decaying, (reading) =>
            Effect.map(summaryOf(address, reading), (miner) => ({ body: { miner, ...reading.freshness } }))
          )
        },
        Effect.catchTag("MinerNotFound", notFound)
      ),
      workers: Effect.fnUntraced(
        function* ({ params, query: { cursor, limit }, request }) {
          const address = yield* minerAt(params.address)
          const after = yield* workerPages.after(address, cursor)
          return yield* respond(
            request,
            decaying,
            Effect.fnUntraced(function* ({ freshness, now }) {
              const page = yield* workers.list(address, now, { limit, after })
              const last = page.hasMore ? page.workers.at(-1) : undefined
              const path = `/api/v1/miners/${address}/workers`
              const { cursor, link } = workerPages.next(
                address,
                path,
                { limit: String(limit) },
                last && { name: last.name }
              )
              return { body: { workers: page.workers.map(publicWorkerOf), next_cursor: cursor, ...freshness }, link }
            })
          )
        },
        Effect.catchTag("MinerNotFound", notFound)
      ),
      worker: Effect.fnUntraced(
        function* ({ params, request }) {
          const address = yield* minerAt(params.address)
          return yield* respond(request, decaying, ({ freshness, now }) =>
            Effect.map(workers.find(address, params.name, now), (worker) => ({
              body: { worker: publicWorkerOf(worker), ...freshness }
            }))
          )
        },
        Effect.catchTags({ MinerNotFound: notFound, WorkerNotFound: notFound })
      ),
      hashrate: Effect.fnUntraced(
        function* ({ params, query: { window, worker }, request }) {
          const address = yield* minerAt(params.address)
          return yield* respond(request, decaying, ({ freshness, now }) =>
            Effect.map(series.ofMiner(address, worker, window, now), (chart) => ({ body: { ...chart, ...freshness } }))
          )
        },
        Effect.catchTags({ MinerNotFound: notFound, WorkerNotFound: notFound })
      ),
      shares: Effect.fnUntraced(
        function* ({ params, query: { cursor, limit, worker }, request }) {
          const address = yield* minerAt(params.address)
          const scope = JSON.stringify([address, worker])
          const after = yield* sharePages.after(scope, cursor)
          return yield* respond(
            request,
            settling,
            Effect.fnUntraced(function* ({ now }) {
              const page = yield* shares.list(address, now, { limit, after, worker })
              const path = `/api/v1/miners/${address}/shares`
              const filter = worker === undefined ? {} : { worker }
              const { cursor, link } = sharePages.next(scope, path, { limit: String(limit), ...filter }, page.next)
              return { body: { shares: page.shares, next_cursor: cursor }, link }
            })
          )
        },
        Effect.catchTags({ MinerNotFound: notFound, WorkerNotFound: notFound })
      )
    })
  })
)
