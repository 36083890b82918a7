import { Effect, Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { integerTextBetween, lineOf } from "../../../domain/Text.ts"
import { Invalid, NotFound, PreconditionFailed } from "../../Errors.ts"

const headers = {
  etag: Schema.String.annotate({
    description: "Weak validator; changes with each commit of the projection, and as rates fall"
  }),
  "cache-control": Schema.Literal("private, max-age=1").annotate({
    description: "A cached response may be reused for a second"
  }),
  vary: Schema.Literal("Authorization, Origin").annotate({ description: "Owners see more of hidden miners" })
}

/** Headers of every response of a mining read, with an entity tag. */
export const readHeaders = (etag: string) =>
  ({ etag: `W/${etag}`, "cache-control": "private, max-age=1", vary: "Authorization, Origin" }) as const

const unchanged = HttpApiSchema.WithHeaders(HttpApiSchema.Empty(304).annotate({ description: "Not modified" }), headers)

/** A read of mining data: a body, or 304 if the caller has it. */
export const MiningRead = <Body extends Schema.Top>(body: Body) =>
  [HttpApiSchema.WithHeaders(body, headers), unchanged] as const

/** A page of mining data, with a `Link` to the next one. */
export const MiningPage = <Body extends Schema.Top>(body: Body) =>
  [
    HttpApiSchema.WithHeaders(body, {
      ...headers,
      link: Schema.optionalKey(Schema.String.annotate({ description: 'The next page, as `rel="next"` (RFC 8288)' }))
    }),
    unchanged
  ] as const

export const readConditions = {
  "if-none-match": Schema.optionalKey(
    Schema.String.annotate({ description: "ETags of cached responses; 304 if one of them is current" })
  )
}

/** Query of a list. */
export const listQuery = {
  limit: integerTextBetween(1, 100).pipe(
    Schema.annotateEncoded({ description: "Items per page", default: 20 }),
    Schema.withDecodingDefaultKey(Effect.succeed("20"))
  ),
  cursor: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^[\w-]{1,1000}$/u, { expected: "a cursor that a list returned" })).annotate({
      description: "`next_cursor` of the previous page"
    })
  )
}

export const nextCursor = Schema.NullOr(Schema.String).annotate({
  description: "`cursor` of the next page; null at the end"
})

/** Path parameter of a miner. It is decoded by the handler, which knows the network. */
export const address = Schema.String.annotate({
  description: "Bitcoin address of the miner",
  examples: ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]
})

/** Name of a worker in a path or query: at most 128 bytes, which are at most as many characters. */
export const workerName = lineOf(128).annotate({ description: "Name of the worker, percent-encoded" })

export const readErrors = [Invalid, PreconditionFailed] as const
export const itemErrors = [Invalid, NotFound, PreconditionFailed] as const
