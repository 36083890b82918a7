import { Effect, Layer, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { integerBetween, integerTextBetween, lineOf, proseOf, TeamName, Uuid } from "../../src/domain/Text.ts"
import * as Errors from "../../src/http/Errors.ts"
import { Common, IsProbe } from "../../src/http/api/Common.ts"
import { Payload } from "../../src/http/api/Payload.ts"

/** Words in a defect, a driver error and an invalid response that no caller may see. */
export const canary = "canary-7f3a"

/** Every error that a handler can declare, by code. */
const declared = {
  BAD_REQUEST: new Errors.BadRequest(),
  UNAUTHORIZED: new Errors.Unauthorized(),
  FORBIDDEN: new Errors.Forbidden(),
  NOT_FOUND: new Errors.NotFound(),
  CONFLICT: new Errors.Conflict(),
  PRECONDITION_FAILED: new Errors.PreconditionFailed(),
  PAYLOAD_TOO_LARGE: new Errors.PayloadTooLarge(),
  UNSUPPORTED_MEDIA_TYPE: new Errors.UnsupportedMediaType(),
  IDEMPOTENCY_KEY_REUSED: new Errors.IdempotencyKeyReused(),
  VALIDATION_ERROR: new Errors.Invalid({ errors: [{ path: "tags[2]", message: "Expected a string" }] }),
  RATE_LIMITED: new Errors.RateLimited(),
  SERVICE_UNAVAILABLE: new Errors.ServiceUnavailable(),
  INTERNAL: new Errors.Internal()
}

const errors = [
  Errors.BadRequest,
  Errors.Unauthorized,
  Errors.Forbidden,
  Errors.NotFound,
  Errors.Conflict,
  Errors.PreconditionFailed,
  Errors.PayloadTooLarge,
  Errors.UnsupportedMediaType,
  Errors.IdempotencyKeyReused,
  Errors.Invalid,
  Errors.RateLimited,
  Errors.ServiceUnavailable,
  Errors.Internal
]

const Comment = Schema.Struct({ author: lineOf(20), text: proseOf(100), replies: Schema.Array(lineOf(5)) })

/**
 * A body with every kind of field: single-line and multi-line text, optional ones, nested arrays, ids and bounded
 * integers.
 */
export const Report = Schema.Struct({
  title: lineOf(30),
  content: proseOf(200),
  rating: integerBetween(1, 5),
  tags: Schema.optional(Schema.Array(lineOf(10)).check(Schema.isMaxLength(3))),
  parent_id: Schema.optional(Uuid),
  comments: Schema.optional(Schema.Array(Comment))
})

const strict = { errors: "all", onExcessProperty: "error" } as const

const endpoints = [
  HttpApiEndpoint.get("declared", "/declared/:code", {
    params: { code: Schema.Literals(Object.keys(declared)) },
    error: errors
  }),
  HttpApiEndpoint.get("defect", "/defect", { success: Schema.String }),
  HttpApiEndpoint.get("plain", "/plain", { success: Schema.String }),
  HttpApiEndpoint.get("database", "/database", { success: Schema.String }),
  HttpApiEndpoint.get("never", "/never", { success: Schema.String }),
  HttpApiEndpoint.get("misfit", "/misfit", { success: Schema.Struct({ rating: integerBetween(1, 5) }) }),
  HttpApiEndpoint.get("named", "/named/:team/:id", {
    params: { team: TeamName, id: Uuid },
    query: { limit: Schema.optional(integerTextBetween(1, 100)), offset: Schema.optional(integerTextBetween(0, 1000)) },
    success: Schema.Struct({ team: Schema.String, limit: Schema.NullOr(Schema.Number) }),
    error: Errors.Invalid
  }),
  HttpApiEndpoint.get("turns", "/turns/:name", { params: { name: TeamName }, error: Errors.Invalid }),
  HttpApiEndpoint.get("probe", "/probe", { success: Schema.String }).annotate(IsProbe, true),
  HttpApiEndpoint.post("report", "/reports", {
    query: { secret: Schema.optional(Schema.String) },
    payload: Report,
    success: Report.pipe(HttpApiSchema.status(201)),
    error: Errors.Invalid
  })
    .middleware(Payload)
    .annotate(HttpApi.PayloadParseOptions, strict)
] as const

const group = HttpApiGroup.make("Faulty")
  .add(...endpoints)
  .prefix("/faulty")
const v1Group = HttpApiGroup.make("FaultyV1")
  .add(...endpoints)
  .prefix("/v1/faulty")

/** An API whose endpoints end in every possible way, under both prefixes. */
export class FaultyApi extends HttpApi.make("faulty").add(group, v1Group).middleware(Common) {}

const refused = new SqlError({
  reason: new ConnectionError({ cause: new Error(canary), message: canary, operation: "connect" })
})

const failureOf = (code: string) =>
  Object.entries(declared).find(([name]) => name === code)?.[1] ?? new Errors.Internal()

const handlers = {
  declared: ({ params }: { readonly params: { readonly code: string } }) => Effect.fail(failureOf(params.code)),
  defect: () => Effect.die(new Error(canary)),
  plain: () => Effect.succeed(HttpServerResponse.text(canary, { status: 500 })),
  database: () => Effect.die(refused),
  never: () => Effect.never,
  misfit: () => Effect.succeed({ rating: 6 }),
  named: ({
    params,
    query
  }: {
    readonly params: { readonly team: string }
    readonly query: { readonly limit?: number | undefined }
  }) => Effect.succeed({ team: params.team, limit: query.limit ?? null }),
  /** Yields repeatedly, then dies with a defect of this name. */
  turns: ({ params: { name } }: { readonly params: { readonly name: string } }) =>
    Effect.andThen(Effect.repeat(Effect.yieldNow, { times: 20 }), Effect.die(new Error(`defect of ${name}`))),
  probe: () => Effect.succeed("ok"),
  report: ({ payload }: { readonly payload: typeof Report.Type }) => Effect.succeed(payload)
}

export const FaultyHandlers = Layer.merge(
  HttpApiBuilder.group(FaultyApi, "Faulty", (group) => group.handleAll(handlers)),
  HttpApiBuilder.group(FaultyApi, "FaultyV1", (group) => group.handleAll(handlers))
)
