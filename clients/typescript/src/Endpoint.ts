import { Context, Effect, Schema, SchemaAST } from "effect"
import type { HttpApi, HttpApiClient, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import type { HttpClientError } from "effect/http"
import type { ServiceApi } from "../../../src/http/api/Api.ts"
import type { ApiError } from "./ApiError.ts"

type Part<Name extends string, Value> = [Value] extends [never] ? unknown : { readonly [N in Name]: Value }
type OptionalPart<Name extends string, Value> = [Value] extends [never]
  ? unknown
  : { readonly [N in Name]?: Partial<Value> }

/** Input of an endpoint: encoded path parameters and payload, and any part of the query and headers. */
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

/** Every endpoint by its group and name, for example `Posts.list`. */
export type Calls = {
  readonly [Group in Groups as HttpApiGroup.Identifier<Group>]: {
    readonly [Endpoint in HttpApiGroup.Endpoints<Group> as HttpApiEndpoint.Identifier<Endpoint>]: Call<Endpoint>
  }
}

/** Input of any endpoint. */
export interface AnyRequest {
  readonly params?: unknown
  readonly query?: object
  readonly headers?: object
  readonly payload?: unknown
}

// Schemas of the contract need no services, but the type of an unknown endpoint cannot express that.
const noServices = Context.makeUnsafe<unknown>(new Map())

const decode = (schema: Schema.Top | undefined, value: unknown): Effect.Effect<unknown, Schema.SchemaError> =>
  schema === undefined
    ? Effect.succeed(value)
    : Effect.provideContext(Schema.decodeUnknownEffect(schema)(value), noServices)

const payloadOf = (endpoint: HttpApiEndpoint.Top): Schema.Top | undefined =>
  [...endpoint.payload.values()].flatMap((body) => ("schemas" in body ? body.schemas : []))[0]

/** Adds the defaults of the contract to a request. */
export const withDefaults = (endpoint: HttpApiEndpoint.Top, { headers, params, payload, query }: AnyRequest) =>
  Effect.gen(function* () {
    const defaults = yield* Effect.orElseSucceed(decode(endpoint.query, {}), () => ({}))
    return {
      params: yield* decode(endpoint.params, params),
      query: { ...Object(defaults), ...query },
      headers: headers ?? {},
      payload: yield* decode(payloadOf(endpoint), payload)
    }
  })

/** Whether an endpoint declares the header `Idempotency-Key`. */
export const takesIdempotencyKey = ({ headers }: HttpApiEndpoint.Top): boolean =>
  headers !== undefined &&
  SchemaAST.isObjects(headers.ast) &&
  headers.ast.propertySignatures.some(({ name }) => name === "idempotency-key")
