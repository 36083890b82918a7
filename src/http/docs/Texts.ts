import { Effect } from "effect"
import { HttpRouter } from "effect/http"
import type { Content } from "./Content.ts"
import { makeRecordRoute } from "../middleware/Common.ts"
import { RateLimits } from "../middleware/RateLimits.ts"

/** A page or document, made on the first request for it. */
export interface ServedText {
  readonly path: `/${string}`
  /** Path template for metrics and logs, if it is not the path. */
  readonly route?: string
  readonly content: Effect.Effect<Content>
  readonly headers?: Readonly<Record<string, string>>
}

/** Lets caches keep a text and revalidate it on each use. */
const revalidated = { "cache-control": "no-cache" }

/** Routes of texts, limited by client address. */
export const serveTexts = (texts: ReadonlyArray<ServedText>) =>
  HttpRouter.use((router) =>
    Effect.gen(function* () {
      const { admit } = yield* RateLimits
      const recordRoute = yield* makeRecordRoute
      yield* Effect.forEach(texts, ({ content, headers, path, route = path }) =>
        Effect.flatMap(Effect.cached(content), (cached) => {
          const response = Effect.flatMap(cached, ({ respond }) => respond({ ...revalidated, ...headers }))
          return router.add("GET", path, recordRoute(route)(Effect.orDie(Effect.andThen(admit("ip"), response))))
        })
      )
    })
  )
