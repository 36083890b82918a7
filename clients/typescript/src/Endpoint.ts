import { Context, Effect, Predicate, Schema, SchemaAST } from "effect"
import type { HttpApi, HttpApiClient, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { HttpClientRequest } from "effect/http"
import type { HttpClientError } from "effect/http"
import type { ServiceApi } from "../../../src/http/api/Api.ts"
import type { ApiError } from "./ApiError.ts"

type Part<Name extends string, Value> = [Value] extends [never] ? unknown : { readonly [N in Name]: Value }
type OptionalPart<Name extends string, Value> = [Value] extends [never]
  ? unknown
  : { readonly [N in Name]?: Partial<Value> }

/** Input of an endpoint. Path parameters and payload are encoded; query and headers are decoded and optional. */
type Request<Endpoint> = Part<"params", HttpApiEndpoint.Params<Endpoint>["Encoded"]> &
  OptionalPart<"query", HttpApiEndpoint.Query<Endpoint>["Type"]> &
  OptionalPart<"headers", HttpApiEndpoint.Headers<Endpoint>["Type"]> &
  Part<"payload", HttpApiEndpoint.Payload<Endpoint>["Encoded"]>

type Call<Endpoint> = (
  ...request: object extends Request<Endpoint> ? [request?: Request<Endpoint>] : [request: Request<Endpoint>]
) => Effect.Effect<
  HttpApiClient.SuccessType<HttpApiEndpoint.Success<Endpoint>>,
  ApiError | Schema.SchemaError | HttpClientError.HttpClientError
>

type Groups = typeof ServiceApi extends HttpApi.HttpApi<infer _, infer Groups> ? Groups : never

/** Name of an endpoint; never for a stream, which `live` reads. */
type Name<Endpoint> =
  HttpApiEndpoint.Success<Endpoint> extends HttpApiSchema.StreamSchema ? never : HttpApiEndpoint.Identifier<Endpoint>

/** All endpoints by group and name, for example `Posts.list`. */
export type Calls = {
  readonly [Group in Groups as HttpApiGroup.Identifier<Group>]: {
    readonly [Endpoint in HttpApiGroup.Endpoints<Group> as Name<Endpoint>]: Call<Endpoint>
  }
}

/** Whether an endpoint responds with a stream. */
export const isStream = ({ success }: HttpApiEndpoint.Top): boolean =>
  [...success].some(Predicate.isTagged("StreamSse"))

/** Parts of a request that an endpoint can take. */
export interface AnyRequest {
  readonly params?: unknown
  readonly query?: object
  readonly headers?: object
  readonly payload?: unknown
}

type AnyCall = (request: unknown) => Effect.Effect<unknown, unknown>
export const isCall = (value: unknown): value is AnyCall => typeof value === "function"

// Schemas of the contract need no services, which the type of a generic endpoint does not show.
const noServices = Context.makeUnsafe<unknown>(new Map())

const decode = (schema: Schema.Top | undefined, value: unknown): Effect.Effect<unknown, Schema.SchemaError> =>
  schema === undefined
    ? Effect.succeed(value)
    : Effect.provideContext(Schema.decodeUnknownEffect(schema)(value), noServices)

const encode = (schema: Schema.Top | undefined, value: unknown): Effect.Effect<unknown, Schema.SchemaError> =>
  schema === undefined
    ? Effect.succeed(value)
    : Effect.provideContext(Schema.encodeUnknownEffect(schema)(value), noServices)

const payloadOf = (endpoint: HttpApiEndpoint.Top): Schema.Top | undefined =>
  [...endpoint.payload.values()].flatMap((body) => ("schemas" in body ? body.schemas : []))[0]

/** Adds the defaults of the contract to a request. Fails if the request does not match the contract. */
export const complete = (endpoint: HttpApiEndpoint.Top, given: AnyRequest) =>
  Effect.gen(function* () {
    const defaults = yield* Effect.orElseSucceed(decode(endpoint.query, {}), () => ({}))
    const query = { ...Object(defaults), ...given.query }
    const headers = given.headers ?? {}
    yield* encode(endpoint.query, query)
    yield* encode(endpoint.headers, headers)
    const params = yield* decode(endpoint.params, given.params)
    return { params, query, headers, payload: yield* decode(payloadOf(endpoint), given.payload) }
  })

/** Whether an endpoint declares the header `Idempotency-Key`. */
const takesIdempotencyKey = ({ headers }: HttpApiEndpoint.Top): boolean =>
  headers !== undefined &&
  SchemaAST.isObjects(headers.ast) &&
  headers.ast.propertySignatures.some(({ name }) => name === "idempotency-key")

/** Under /v1, only the default error shape has hints. Elsewhere, only problem documents have a code. */
const acceptOf = ({ path }: HttpApiEndpoint.Top): string =>
  path.startsWith("/v1/") ? "application/json" : "application/problem+json, application/json;q=0.9, */*;q=0.1"

/** Adds `Accept`, and an `Idempotency-Key` if the endpoint takes one and the request has none. */
export const withHeaders = (endpoint: HttpApiEndpoint.Top, request: HttpClientRequest.HttpClientRequest) => {
  const accepting = HttpClientRequest.setHeader(request, "accept", acceptOf(endpoint))
  return takesIdempotencyKey(endpoint) && request.headers["idempotency-key"] === undefined
    ? HttpClientRequest.setHeader(accepting, "idempotency-key", crypto.randomUUID())
    : accepting
}
