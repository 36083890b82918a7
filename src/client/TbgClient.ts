import { Context, Effect, Layer } from "effect"
import type { Redacted } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { ServiceApi } from "../http/api/Api.ts"
import { Authorization } from "../http/api/Authorization.ts"
import { BearerIdentity } from "../http/api/BearerIdentity.ts"
import { defaultPatience, retrying } from "./Retry.ts"
import type { Patience } from "./Retry.ts"
import { teamPosts } from "./TeamPosts.ts"

export { PostId } from "../domain/Post.ts"
export { NotReady } from "../http/api/Health.ts"
export { TeamPost } from "../http/api/Posts.ts"
export {
  BadRequest,
  Conflict,
  Forbidden,
  IdempotencyKeyReused,
  Internal,
  Invalid,
  NotFound,
  PayloadTooLarge,
  PreconditionFailed,
  RateLimited,
  ServiceUnavailable,
  Unauthorized,
  UnsupportedMediaType
} from "../http/Errors.ts"
export type { Patience } from "./Retry.ts"
export type { CreateOptions, NewPost, PageOptions } from "./TeamPosts.ts"

export interface ClientOptions extends Partial<Patience> {
  /** Where the service is, as `https://api.example.org`. */
  readonly baseUrl: string | URL
  /** An API key of a team; sent to `/v1/teams` and nowhere else. */
  readonly apiKey?: Redacted.Redacted
  /** A token of the identity provider; sent to `/api/v1/me` and nowhere else. */
  readonly token?: Redacted.Redacted
}

const bearing =
  (token: Redacted.Redacted | undefined): HttpApiMiddleware.HttpApiMiddlewareClient<never, never, never> =>
  ({ next, request }) =>
    next(token === undefined ? request : HttpClientRequest.bearerToken(request, token))

// The one shape of failures that is the same on every surface, and has in it what the contract's schemas want.
const accept = HttpClientRequest.accept("application/problem+json, application/json;q=0.9, */*;q=0.1")

const make = Effect.fnUntraced(function* ({ apiKey, baseUrl, token, ...patience }: ClientOptions) {
  const middleware = Layer.mergeAll(
    HttpApiMiddleware.layerClient(Authorization, bearing(apiKey)),
    HttpApiMiddleware.layerClient(BearerIdentity, bearing(token)),
    retrying({ ...defaultPatience, ...patience })
  )
  const calls = yield* HttpApiClient.make(ServiceApi, {
    baseUrl,
    transformClient: HttpClient.mapRequest(accept)
  }).pipe(Effect.provide(middleware))
  return {
    /** Every endpoint, as `calls.Health.version()`. */
    calls,
    /** The posts of a team, by its name. */
    team: (name: string) => teamPosts(calls.Posts, name)
  }
})

/**
 * The service, to a program that uses it. What it sends continues the caller's trace (`traceparent`, W3C Trace
 * Context), and is tried again as `retrying` says.
 */
export class TbgClient extends Context.Service<TbgClient, Effect.Success<ReturnType<typeof make>>>()(
  "tbg-api/client/TbgClient"
) {
  /** By the `HttpClient` that is there. */
  static readonly layerHttpClient = (options: ClientOptions): Layer.Layer<TbgClient, never, HttpClient.HttpClient> =>
    Layer.effect(TbgClient, make(options))

  /** By the platform's `fetch`. */
  static readonly layer = (options: ClientOptions): Layer.Layer<TbgClient> =>
    TbgClient.layerHttpClient(options).pipe(Layer.provide(FetchHttpClient.layer))
}
