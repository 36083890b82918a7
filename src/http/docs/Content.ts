import { Effect } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { hash } from "node:crypto"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"
import { PreconditionFailed } from "../Errors.ts"
import { isMatched, isListed } from "../Etag.ts"
import { makeRecordRoute } from "../middleware/Common.ts"
import { encodingOf } from "../middleware/Negotiation.ts"
import type { Encoding } from "../middleware/Negotiation.ts"
import { RateLimits } from "../middleware/RateLimits.ts"

type Headers = Readonly<Record<string, string>>

/** Returns a response with constant content and the given headers. */
export type Content = (
  headers: Headers
) => Effect.Effect<HttpServerResponse.HttpServerResponse, PreconditionFailed, HttpServerRequest.HttpServerRequest>

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** The 1.7 MB of Swagger UI take 50 ms at quality 5. At 11 they take 2.6 s and become a ninth smaller. */
const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }

export interface ContentOptions {
  readonly contentType: string
  readonly body: string | Uint8Array
}

/** Content, compressed as `Accept-Encoding` asks, with 304 and 412 for conditional requests. */
export const makeContent = Effect.fnUntraced(function* ({ body, contentType }: ContentOptions) {
  const bytes = typeof body === "string" ? Buffer.from(body) : body
  // Each coding is computed on its first use, off the event loop, and cached.
  const byCoding: Record<Encoding, Effect.Effect<Uint8Array>> = {
    br: yield* Effect.cached(Effect.promise(() => compressBrotli(bytes, { params }))),
    gzip: yield* Effect.cached(Effect.promise(() => compressGzip(bytes))),
    identity: Effect.succeed(bytes)
  }
  const digest = hash("sha256", bytes, "base64url")

  const respond: Content = Effect.fnUntraced(function* (headers) {
    const request = yield* HttpServerRequest.HttpServerRequest
    const encoding = encodingOf(request.headers["accept-encoding"])
    const isCoded = encoding !== "identity"
    // Strong entity tags differ between codings (RFC 9110, 8.8.3).
    const etag = `"${digest}${isCoded ? `-${encoding}` : ""}"`
    const common = { ...headers, etag, vary: "Accept-Encoding" }
    if (!isMatched(request.headers["if-match"], etag)) return yield* new PreconditionFailed()
    if (isListed(request.headers["if-none-match"], etag)) {
      return HttpServerResponse.empty({ status: 304, headers: common })
    }
    return HttpServerResponse.uint8Array(yield* byCoding[encoding], {
      contentType,
      headers: isCoded ? { ...common, "content-encoding": encoding } : common
    })
  })
  return respond
})

/** A page or document, built on the first request for it. */
export interface ContentRoute {
  readonly path: `/${string}`
  /** Route in metrics and logs; the path by default. */
  readonly route?: string
  readonly content: Effect.Effect<Content>
  readonly headers?: Headers
}

/** Lets caches keep content if they revalidate it on each use. */
const revalidate = { "cache-control": "no-cache" }

/** Serves content, limited by client address. */
export const serveContent = (routes: ReadonlyArray<ContentRoute>) =>
  HttpRouter.use(
    Effect.fnUntraced(function* (router) {
      const { admit } = yield* RateLimits
      const recordRoute = yield* makeRecordRoute
      for (const { content, headers, path, route = path } of routes) {
        const cached = yield* Effect.cached(content)
        const response = Effect.flatMap(cached, (respond) => respond({ ...revalidate, ...headers }))
        yield* router.add("GET", path, recordRoute(route)(Effect.orDie(Effect.andThen(admit("ip"), response))))
      }
    })
  )
