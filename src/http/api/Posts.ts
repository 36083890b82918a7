import { Effect, Schema, SchemaTransformation } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { IdempotencyKey } from "../../domain/Idempotency.ts"
import { Post, PostId, PostText } from "../../domain/Post.ts"
import { integerTextBetween, isVisible, lengthFirst, lineOf, Uuid } from "../../domain/Text.ts"
import { Conflict, IdempotencyKeyReused, Invalid, NotFound, PreconditionFailed } from "../Errors.ts"

/** A post as callers see it; `team` is the team's name. */
export const TeamPost = Schema.Struct({
  id: Post.fields.id,
  team: Schema.String,
  author_name: Post.fields.author_name,
  content: Post.fields.content,
  tags: Post.fields.tags,
  timestamp: Post.fields.timestamp,
  parent_post_id: Post.fields.parent_post_id
}).annotate({ identifier: "Post" })

/** One post, as every endpoint but the list answers it. */
export const OnePost = Schema.Struct({ post: TeamPost }).annotate({ identifier: "OnePost" })

const Page = Schema.Struct({
  posts: Schema.Array(TeamPost),
  total: Schema.Int.annotate({
    description: "All posts of the team, on this page or not; deleted ones are not counted"
  }),
  has_more: Schema.Boolean,
  next_cursor: Schema.NullOr(Schema.String).annotate({ description: "What to ask for next; null at the end" })
}).annotate({ identifier: "PostPage" })

/** Ids are compared as the database writes them. */
const IdText = Uuid.pipe(Schema.decodeTo(PostId, SchemaTransformation.toLowerCase()))

const orNull = <S extends Schema.Top>(schema: S) =>
  Schema.NullOr(schema).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))

const mostTags = 20
const Tags = Schema.NullOr(Schema.Array(lineOf(50).check(isVisible)).check(Schema.isMaxLength(mostTags)))

const NewPost = Schema.Struct({
  author_name: PostText.fields.author_name.check(isVisible),
  content: PostText.fields.content,
  tags: lengthFirst(Tags, mostTags).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  parent_post_id: orNull(IdText)
}).annotate({ identifier: "NewPost" })

/** Postgres reads every row that it skips, so a deep page would cost seconds. */
const greatestOffset = 10_000

export const ListQuery = Schema.Struct({
  limit: integerTextBetween(1, 100).pipe(
    Schema.annotateEncoded({ description: "1 to 100", default: "10" }),
    Schema.withDecodingDefaultKey(Effect.succeed("10"))
  ),
  offset: Schema.optionalKey(
    integerTextBetween(0, greatestOffset, `0 to ${greatestOffset}; read further with \`cursor\``).pipe(
      Schema.annotateEncoded({ description: `Posts to skip, 0 to ${greatestOffset}; read further with \`cursor\`` })
    )
  ),
  cursor: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^[\w-]{1,200}$/u, { expected: "a cursor that a list gave" }))
  )
}).check(
  Schema.makeFilter(({ cursor, offset }) =>
    cursor === undefined || offset === undefined
      ? undefined
      : { path: ["cursor"], issue: "Expected no offset beside it" }
  )
)

const ofTeam = { team: Schema.String.annotate({ description: "The name of the key's team; any other is 403" }) }
const ofPost = { ...ofTeam, id: IdText }

const Etag = Schema.String.annotate({ description: "A strong validator: it changes with any byte of the body" })

export class PostsApi extends HttpApiGroup.make("Teams")
  .add(
    HttpApiEndpoint.get("list", "/teams/:team/posts", {
      params: ofTeam,
      query: ListQuery,
      success: HttpApiSchema.WithHeaders(Page, {
        link: Schema.optionalKey(Schema.String).annotate({ description: 'The next page, as `rel="next"` (RFC 8288)' })
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
        location: Schema.String,
        "idempotency-replayed": Schema.optionalKey(Schema.Literal("true"))
      }),
      error: [Invalid, NotFound, Conflict, IdempotencyKeyReused, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Write a post",
        description:
          "With an Idempotency-Key, a retry within 24 hours returns the original response and writes nothing. 409 while " +
          "the first request is in progress; 422 if the body differs. `parent_post_id` must name an existing post of " +
          "the same team; otherwise 404."
      })
    ),
    HttpApiEndpoint.get("get", "/teams/:team/posts/:id", {
      params: ofPost,
      success: [
        HttpApiSchema.WithHeaders(OnePost, { etag: Etag }),
        HttpApiSchema.WithHeaders(HttpApiSchema.Empty(304), { etag: Etag })
      ],
      error: [Invalid, NotFound, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({ summary: "One post", description: "304 where `If-None-Match` names the ETag that it has." })
    ),
    HttpApiEndpoint.delete("remove", "/teams/:team/posts/:id", {
      params: ofPost,
      success: HttpApiSchema.NoContent,
      error: [Invalid, NotFound, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Delete a post",
        description:
          "It can be restored until it is purged; replies stay. With `If-Match`, only the named version is deleted."
      })
    ),
    HttpApiEndpoint.post("restore", "/teams/:team/posts/:id/restore", {
      params: ofPost,
      success: OnePost,
      error: [Invalid, NotFound, PreconditionFailed]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Undo a deletion",
        description: "A post that is not deleted is answered as it is."
      })
    )
  )
  .prefix("/v1")
  // Posts were checked when they were written; to check a page of them again was measured at 60 to 1000 microseconds.
  .annotate(HttpApi.SuccessParseOptions, { disableChecks: true })
  .annotateMerge(OpenApi.annotations({ description: "What belongs to a team, for callers with a key of it" })) {}
