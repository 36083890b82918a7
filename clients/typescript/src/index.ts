import { Context, Effect, Layer, Option, Stream } from "effect"
import type { Redacted } from "effect"
import { FetchHttpClient, HttpClientRequest } from "effect/http"
import type { HttpClient } from "effect/http"
import { HttpApi, HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { ServiceApi } from "../../../src/http/api/Api.ts"
import { Identify } from "../../../src/http/api/Authorization.ts"
import { BearerIdentity } from "../../../src/http/api/BearerIdentity.ts"
import { OptionalSession, SignedIn } from "../../../src/http/api/SignedIn.ts"
import { invalidInput, toApiError } from "./ApiError.ts"
import { complete, isCall, isStream } from "./Endpoint.ts"
import type { AnyRequest, Calls } from "./Endpoint.ts"
import { liveUpdates } from "./Live.ts"
import type { LiveError } from "./Live.ts"
import type { SnapshotUpdate, LiveTopic, LiveUpdate } from "./LiveUpdate.ts"
import { defaultRetryOptions, retrying } from "./Retry.ts"
import type { RetryOptions } from "./Retry.ts"

export * from "./ApiError.ts"
export type { Calls } from "./Endpoint.ts"
export type { LiveError } from "./Live.ts"
export type { SnapshotUpdate, LiveTopic, LiveUpdate } from "./LiveUpdate.ts"
export type { Retry, RetryOptions } from "./Retry.ts"
export { signIn } from "./SignIn.ts"

export interface ClientOptions extends Partial<RetryOptions> {
  /** Address of the service, such as `https://api.example.org`. */
  readonly baseUrl: string | URL
  /** API key of a team; sent only to endpoints that take one. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** Token of the identity provider; sent only to endpoints that take one. */
  readonly token?: Redacted.Redacted | undefined
  /** Access token of a signed-in player, or an effect such as that of `signIn`; sent only to endpoints that take one. */
  readonly accessToken?: Redacted.Redacted | Effect.Effect<Redacted.Redacted> | undefined
}

/** Returns a function that adds the current token to a request. */
const authorizing = (token: ClientOptions["accessToken"]) => (request: HttpClientRequest.HttpClientRequest) =>
  Effect.map(Effect.isEffect(token) ? token : Effect.succeed(token), (current) =>
    current === undefined ? request : HttpClientRequest.bearerToken(request, current)
  )

const withBearer = (
  token: ClientOptions["accessToken"]
): HttpApiMiddleware.HttpApiMiddlewareClient<never, never, never> => {
  const authorize = authorizing(token)
  return ({ next, request }) => Effect.flatMap(authorize(request), next)
}

/** Adds the defaults of the contract and the errors of this client to every call. */
function wrap(calls: HttpApiClient.ForApi<typeof ServiceApi>): Calls
function wrap(calls: Readonly<Record<string, Readonly<Record<string, unknown>>>>): object {
  const wrapped: Record<string, Record<string, (request?: AnyRequest) => Effect.Effect<unknown, unknown>>> = {}
  HttpApi.reflect(ServiceApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, group }) => {
      const call = calls[group.identifier]?.[endpoint.identifier]
      if (!isCall(call) || isStream(endpoint)) return
      const wrappedCall = (request: AnyRequest = {}) =>
        complete(endpoint, request).pipe(
          Effect.mapError(invalidInput),
          Effect.flatMap((completed) => call(completed).pipe(Effect.catch(toApiError)))
        )
      wrapped[group.identifier] = { ...wrapped[group.identifier], [endpoint.identifier]: wrappedCall }
    }
  })
  return wrapped
}

const make = Effect.fnUntraced(function* ({ accessToken, apiKey, baseUrl, token, ...options }: ClientOptions) {
  const middleware = Layer.mergeAll(
    HttpApiMiddleware.layerClient(Identify, withBearer(apiKey)),
    HttpApiMiddleware.layerClient(BearerIdentity, withBearer(token)),
    HttpApiMiddleware.layerClient(SignedIn, withBearer(accessToken)),
    HttpApiMiddleware.layerClient(OptionalSession, withBearer(accessToken)),
    retrying({ ...defaultRetryOptions, ...options })
  )
  return wrap(yield* HttpApiClient.make(ServiceApi, { baseUrl }).pipe(Effect.provide(middleware)))
})

/** Client of the service. Its requests continue the caller's trace (`traceparent`, W3C Trace Context). */
export class TbgClient extends Context.Service<TbgClient, Calls>()("@tbg/client/TbgClient") {
  /** Sends requests with the `HttpClient` of the context. */
  static readonly layerHttpClient = (options: ClientOptions): Layer.Layer<TbgClient, never, HttpClient.HttpClient> =>
    Layer.effect(TbgClient, make(options))

  /** Sends requests with the platform's `fetch`. */
  static readonly layer = (options: ClientOptions): Layer.Layer<TbgClient> =>
    TbgClient.layerHttpClient(options).pipe(Layer.provide(FetchHttpClient.layer))
}

/**
 * Live updates of topics: a snapshot of their state first, then every event after it, each once. The stream reconnects
 * and continues after the last event. If events may be missing, it yields a new snapshot. It ends when it is
 * interrupted, or fails with an error that another attempt would repeat, such as 401.
 */
export const live = (
  options: ClientOptions,
  topics: ReadonlyArray<LiveTopic>
): Stream.Stream<LiveUpdate, LiveError, HttpClient.HttpClient> =>
  Stream.unwrap(
    Effect.map(make({ ...options, retries: 0 }), (calls) =>
      liveUpdates({
        ...defaultRetryOptions,
        ...options,
        topics,
        snapshot: Effect.map(calls.Live.snapshot({ query: { topics } }), (snapshot): SnapshotUpdate => ({
          type: "snapshot",
          ...snapshot
        })),
        authorize: authorizing(options.accessToken)
      })
    )
  )

/** Start of a page; spread it into the query. */
export interface Cursor {
  readonly cursor?: string
}

/** Stream of the pages of a list, each loaded when it is needed. */
export const paginate = <Page extends { readonly next_cursor: string | null }, E, R>(
  load: (cursor: Cursor) => Effect.Effect<{ readonly body: Page }, E, R>
): Stream.Stream<Page, E, R> =>
  Stream.paginate<Cursor, Page, E, R>({}, (cursor) =>
    Effect.map(load(cursor), ({ body }) => [
      [body],
      Option.map(Option.fromNullOr(body.next_cursor), (cursor) => ({ cursor }))
    ])
  )
