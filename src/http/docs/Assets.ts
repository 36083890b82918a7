import { Effect } from "effect"
import { HttpRouter } from "effect/http"
import { createHash } from "node:crypto"
import { extname } from "node:path"
import { NotFound } from "../Errors.ts"
import { makeRecordRoute } from "../middleware/Common.ts"
import { RateLimits } from "../middleware/RateLimits.ts"
import { makeContent } from "./Content.ts"
import type { Content } from "./Content.ts"

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2"
}

export interface AssetFile {
  readonly name: string
  readonly body: Uint8Array
}

export interface Assets {
  /** Digest of all assets, so that caches may keep URLs with it forever. */
  readonly version: string
  readonly contents: ReadonlyMap<string, Content>
}

export const makeAssets = Effect.fnUntraced(function* (files: ReadonlyArray<AssetFile>): Effect.fn.Return<Assets> {
  const digest = createHash("sha256")
  for (const { body, name } of files) digest.update(name).update(body)
  const contents = yield* Effect.forEach(files, ({ body, name }) =>
    Effect.map(
      makeContent({ body, contentType: contentTypes[extname(name)] ?? "application/octet-stream" }),
      (content) => [name, content] as const
    )
  )
  return { version: digest.digest("base64url").slice(0, 16), contents: new Map(contents) }
})

const immutable = { "cache-control": "public, max-age=31536000, immutable" }

/**
 * Serves assets at a path with `:version` and `:name`. They have no rate limit, because a page loads several. Unknown
 * assets are limited like unknown paths.
 */
export const serveAssets = (path: `/${string}`, assets: Effect.Effect<Assets>) =>
  HttpRouter.use(
    Effect.fnUntraced(function* (router) {
      const { admit } = yield* RateLimits
      const recordRoute = yield* makeRecordRoute
      const asset = Effect.gen(function* () {
        const { name = "", version } = yield* HttpRouter.params
        const current = yield* assets
        const respond = version === current.version ? current.contents.get(name) : undefined
        if (respond === undefined) return yield* Effect.andThen(admit("ip"), new NotFound())
        return yield* respond(immutable)
      })
      yield* router.add("GET", path, recordRoute(path)(Effect.orDie(asset)))
    })
  )
