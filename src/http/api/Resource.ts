import { Effect, Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { IdempotencyKey } from "../../domain/Idempotency.ts"
import { Count, integerTextBetween } from "../../domain/Text.ts"
import { Conflict, IdempotencyKeyReused, Invalid, NotFound, PreconditionFailed } from "../Errors.ts"

const team = Schema.String.annotate({
  description: "The team your key belongs to; any other returns 403",
  examples: ["demo"]
})

/** Path parameters of an endpoint under `teamPrefix`. */
export const teamParams = <const Fields extends Schema.Struct.Fields>(fields: Fields) => ({ team, ...fields })

/** Path prefix of the resources of a team. */
export const teamPrefix = "/v1/teams/:team"

/** Largest offset of a page. Postgres reads every row that it skips, so a deep page would take seconds. */
const maxOffset = 10_000

/** Query of a list: `limit` with `offset` or `cursor`. */
export const PageQuery = Schema.Struct({
  limit: integerTextBetween(1, 100).pipe(
    Schema.annotateEncoded({ description: "Items per page", default: 10 }),
    Schema.withDecodingDefaultKey(Effect.succeed("10"))
  ),
  offset: Schema.optionalKey(
    integerTextBetween(0, maxOffset, `0 to ${maxOffset}; use \`cursor\` for later pages`).pipe(
      Schema.annotateEncoded({ description: "Items to skip; use `cursor` for later pages" })
    )
  ),
  cursor: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^[\w-]{1,200}$/u, { expected: "a cursor returned by a list" })).annotate({
      description: "`next_cursor` of the previous page; not together with `offset`"
    })
  )
}).check(
  Schema.makeFilter(({ cursor, offset }) =>
    cursor === undefined || offset === undefined
      ? undefined
      : { path: ["cursor"], issue: "Cannot be combined with `offset`" }
  )
)

/** Endpoint of a list, newest first, with `total`, `has_more`, `next_cursor` and a `Link` header. */
export const Page = <const Items extends Schema.Struct.Fields>(items: Items, identifier: string) => {
  const body = Schema.Struct({
    ...items,
    total: Count.annotate({ description: "Number of items of the team, not counting deleted ones" }),
    has_more: Schema.Boolean.annotate({ description: "Whether there is another page" }),
    next_cursor: Schema.NullOr(Schema.String).annotate({ description: "`cursor` of the next page; null on the last" })
  }).annotate({ identifier, description: "A page of a list" })
  const link = Schema.String.annotate({ description: 'The next page, as `rel="next"` (RFC 8288)' })
  return {
    params: teamParams({}),
    query: PageQuery,
    success: HttpApiSchema.WithHeaders(body, { link: Schema.optionalKey(link) }),
    error: [Invalid, PreconditionFailed]
  } as const
}

const etag = Schema.String.annotate({ description: "Version of the body; changes with any byte of it" })

export const ifMatch = {
  "if-match": Schema.optionalKey(
    Schema.String.annotate({ description: "Act only on the version with this ETag; otherwise 412" })
  )
}
export const ifNoneMatch = {
  "if-none-match": Schema.optionalKey(
    Schema.String.annotate({ description: "Return 304 if the item has one of these ETags" })
  )
}

/** Responses with one item: an `ETag`, and 304 for `If-None-Match`. */
export const WithEtag = <Body extends Schema.Top>(body: Body) =>
  [
    HttpApiSchema.WithHeaders(body, { etag }),
    HttpApiSchema.WithHeaders(HttpApiSchema.Empty(304).annotate({ description: "Not modified" }), { etag })
  ] as const

/** Endpoint that creates an item and supports `Idempotency-Key`. */
export const Idempotent = <Body extends Schema.Top, Payload extends Schema.Top>(payload: Payload, body: Body) =>
  ({
    params: teamParams({}),
    headers: { "idempotency-key": Schema.optionalKey(IdempotencyKey) },
    payload,
    success: HttpApiSchema.WithHeaders(body.pipe(HttpApiSchema.status(201)), {
      location: Schema.String.annotate({ description: "Path of the new item" }),
      "idempotency-replayed": Schema.optionalKey(
        Schema.Literal("true").annotate({ description: "Present if this is the response to an earlier request" })
      )
    }),
    error: [Invalid, NotFound, Conflict, IdempotencyKeyReused, PreconditionFailed]
  }) as const

export const itemErrors = [Invalid, NotFound, PreconditionFailed] as const
