import { Effect } from "effect"
import { HttpRouter } from "effect/http"
import type { Content } from "./Content.ts"
import { Limits } from "./middleware/Limits.ts"
import { asRoute } from "./middleware/Matched.ts"

/** A page or a document of ours; made on the first request for it. */
export interface ServedText {
  readonly path: `/${string}`
  /** What the path is called in metrics and logs, where that is not itself. */
  readonly route?: string
  readonly content: Effect.Effect<Content>
  readonly headers?: Readonly<Record<string, string>>
}

/** May be kept, if this service is asked each time whether it is still the same. */
const asked = { "cache-control": "no-cache" }

/** Routes of texts, under the limit of the caller's address. */
export const serveTexts = (texts: ReadonlyArray<ServedText>) =>
  HttpRouter.use((router) =>
    Effect.gen(function* () {
      const { admit } = yield* Limits
      yield* Effect.forEach(texts, ({ content, headers, path, route = path }) =>
        Effect.flatMap(Effect.cached(content), (cached) => {
          const answer = Effect.flatMap(cached, ({ respond }) => respond({ ...asked, ...headers }))
          return router.add("GET", path, asRoute(route)(Effect.orDie(admit("ip")(answer))))
        })
      )
    })
  )
