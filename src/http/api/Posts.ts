import { Effect, Schema, SchemaTransformation } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { IdempotencyKey } from "../../domain/Idempotency.ts"
import { Post, PostId, PostText } from "../../domain/Post.ts"
import { Count, integerTextBetween, isVisible, lengthFirst, lineOf, Uuid } from "../../domain/Text.ts"
import { Conflict, IdempotencyKeyReused, Invalid, NotFound, PreconditionFailed } from "../Errors.ts"

/** A post as callers see it; `team` is the team's name. */
export const TeamPost = Schema.Struct({
  id: Post.fields.id,
  team: Schema.String.annotate({ description: "Name of the team" }),
  author_name: Post.fields.author_name,
  content: Post.fields.content,
  tags: Post.fields.tags,
  timestamp: Post.fields.timestamp,
  parent_post_id: Post.fields.parent_post_id
}).annotate({ identifier: "Post", description: "A post" })

const example = {
  id: PostId.make("01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b77"),
  team: "demo",
  author_name: "Hal",
  content: "Running bitcoin",
  tags: ["mining"],
  timestamp: "2026-01-10T12:34:56.789012Z",
  parent_post_id: null
}

/** Response of every endpoint but the list. */
export const OnePost = Schema.Struct({ post: TeamPost }).annotate({
  identifier: "OnePost",
  description: "The post",
  examples: [{ post: example }]
})

const Page = Schema.Struct({
  posts: Schema.Array(TeamPost).annotate({ description: "Newest first" }),
  total: Count.annotate({ description: "Number of posts of the team, without deleted ones" }),
  has_more: Schema.Boolean.annotate({ description: "Whether there is another page" }),
  next_cursor: Schema.NullOr(Schema.String).annotate({ description: "`cursor` of the next page; null at the end" })
}).annotate({
  identifier: "PostPage",
  description: "A page of posts",
  examples: [{ posts: [example], total: 12, has_more: true, next_cursor: "MDE5ODBmMmE" }]
})

/** Ids are compared as the database writes them. */
const IdText = Uuid.pipe(Schema.decodeTo(PostId, SchemaTransformation.toLowerCase()))

const mostTags = 20
const Tags = Schema.NullOr(Schema.Array(lineOf(50).check(isVisible)).check(Schema.isMaxLength(mostTags))).annotate({
  description: "Tags, none blank; null if there are none"
})

const NewPost = Schema.Struct({
  author_name: lineOf(100).check(isVisible).annotate({ description: "Author's display name, on one line; not blank" }),
  content: PostText.fields.content,
  tags: lengthFirst(Tags, mostTags).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  parent_post_id: Schema.NullOr(IdText)
    .annotate({ description: "Post that this one replies to; null if none" })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))
}).annotate({
  identifier: "NewPost",
  description: "A post to create",
  examples: [{ author_name: "Hal", content: "Running bitcoin", tags: ["mining"], parent_post_id: null }]
})

/** Postgres reads every row that it skips, so a deep page would cost seconds. */
const greatestOffset = 10_000

export const ListQuery = Schema.Struct({
  limit: integerTextBetween(1, 100).pipe(
    Schema.annotateEncoded({ description: "Posts per page", default: 10 }),
    Schema.withDecodingDefaultKey(Effect.succeed("10"))
  ),
  offset: Schema.optionalKey(
    integerTextBetween(0, greatestOffset, `0 to ${greatestOffset}; read further with \`cursor\``).pipe(
      Schema.annotateEncoded({ description: "Posts to skip; read further with `cursor`" })
    )
  ),
  cursor: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^[\w-]{1,200}$/u, { expected: "a cursor that a list gave" })).annotate({
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

const ofTeam = {
  team: Schema.String.annotate({
    description: "The team your key belongs to; any other returns 403",
    examples: ["demo"]
  })
}
const ofPost = {
  ...ofTeam,
  id: IdText.pipe(Schema.annotateEncoded({ description: "UUID of the post", examples: [example.id] }))
}

const Etag = Schema.String.annotate({ description: "Strong validator: changes with any byte of the body" })

const condition = (description: string) => Schema.optionalKey(Schema.String.annotate({ description }))
const ifMatch = { "if-match": condition("Only act on the version with this ETag; otherwise 412") }

export class PostsApi extends HttpApiGroup.make("Posts")
  .add(
    HttpApiEndpoint.get("list", "/teams/:team/posts", {
      params: ofTeam,
      query: ListQuery,
      success: HttpApiSchema.WithHeaders(Page, {
        link: Schema.optionalKey(Schema.String.annotate({ description: 'The next page, as `rel="next"` (RFC 8288)' }))
      }),
      error: [Invalid, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List the team's posts",
        description:
          "Newest first. Paging by `cursor` never skips or repeats a post while others are written; paging by `offset` can."
      })
    ),
    HttpApiEndpoint.post("create", "/teams/:team/posts", {
      params: ofTeam,
      headers: { "idempotency-key": Schema.optionalKey(IdempotencyKey) },
      payload: NewPost,
      success: HttpApiSchema.WithHeaders(OnePost.pipe(HttpApiSchema.status(201)), {
        location: Schema.String.annotate({ description: "Path of the new post" }),
        "idempotency-replayed": Schema.optionalKey(
          Schema.Literal("true").annotate({ description: "Present if this is the response of an earlier request" })
        )
      }),
      error: [Invalid, NotFound, Conflict, IdempotencyKeyReused, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Create a post",
        description:
          "With an Idempotency-Key, a retry within 24 hours returns the original response and writes nothing. 409 while " +
          "the first request is in progress; 422 if the body differs. `parent_post_id` must name an existing post of " +
          "the same team; otherwise 404."
      })
    ),
    HttpApiEndpoint.get("get", "/teams/:team/posts/:id", {
      params: ofPost,
      headers: { ...ifMatch, "if-none-match": condition("Answer 304 if the post has one of these ETags") },
      success: [
        HttpApiSchema.WithHeaders(OnePost, { etag: Etag }),
        HttpApiSchema.WithHeaders(HttpApiSchema.Empty(304).annotate({ description: "Not modified" }), { etag: Etag })
      ],
      error: [Invalid, NotFound, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({ summary: "Get a post", description: "304 if `If-None-Match` names the current ETag." })
    ),
    HttpApiEndpoint.delete("remove", "/teams/:team/posts/:id", {
      params: ofPost,
      headers: ifMatch,
      success: HttpApiSchema.NoContent.annotate({ description: "Deleted" }),
      error: [Invalid, NotFound, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Delete a post",
        description:
          "A deleted post can be restored until it is purged; replies stay. With `If-Match`, only that version is deleted."
      })
    ),
    HttpApiEndpoint.post("restore", "/teams/:team/posts/:id/restore", {
      params: ofPost,
      headers: ifMatch,
      success: OnePost,
      error: [Invalid, NotFound, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Restore a post",
        description: "Undoes a deletion. A post that is not deleted is returned unchanged."
      })
    )
  )
  .prefix("/v1")
  // Posts were checked when they were written; to check a page of them again was measured at 60 to 1000 microseconds.
  .annotate(HttpApi.SuccessParseOptions, { disableChecks: true })
  .annotateMerge(OpenApi.annotations({ description: "Posts of a team; require one of its API keys" })) {}
