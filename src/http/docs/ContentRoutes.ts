import { Effect } from "effect"
import { HttpRouter } from "effect/http"
import type { Content } from "./Content.ts"
import { makeRecordRoute } from "../middleware/Common.ts"
import { RateLimits } from "../middleware/RateLimits.ts"

/** A page or document, built on the first request for it. */
export interface ContentRoute {
  readonly path: `/${string}`
  /** Route in metrics and logs; the path by default. */
  readonly route?: string
  readonly content: Effect.Effect<Content>
  readonly headers?: Readonly<Record<string, string>>
}

/** Lets caches keep content if they revalidate it on each use. */
const revalidate = { "cache-control": "no-cache" }

/** Serves content, limited by client address. */
export const serveContent = (routes: ReadonlyArray<ContentRoute>) =>
  HttpRouter.use((router) =>
    Effect.gen(function* () {
      const { admit } = yield* RateLimits
      const recordRoute = yield* makeRecordRoute
      yield* Effect.forEach(routes, ({ content, headers, path, route = path }) =>
        Effect.flatMap(Effect.cached(content), (cached) => {
          const response = Effect.flatMap(cached, ({ respond }) => respond({ ...revalidate, ...headers }))
          return router.add("GET", path, recordRoute(route)(Effect.orDie(Effect.andThen(admit("ip"), response))))
        })
      )
    })
  )
