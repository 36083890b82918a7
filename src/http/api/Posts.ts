import { Effect, Schema, SchemaTransformation } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Post, PostId, PostText } from "../../domain/Post.ts"
import { isVisible, lengthFirst, lineOf, Uuid } from "../../domain/Text.ts"
import { Idempotent, itemErrors, Page, teamParams, teamPrefix, WithEtag } from "./Resource.ts"

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

const ofPost = teamParams({ id: IdText })

export class PostsApi extends HttpApiGroup.make("Teams")
  .add(
    HttpApiEndpoint.get("list", "/posts", Page({ posts: Schema.Array(TeamPost) }, "PostPage")).annotateMerge(
      OpenApi.annotations({
        summary: "List the team's posts",
        description:
          "Newest first. Paging by `cursor` never skips or repeats a post while others are written; paging by `offset` can."
      })
    ),
    HttpApiEndpoint.post("create", "/posts", Idempotent(NewPost, OnePost)).annotateMerge(
      OpenApi.annotations({
        summary: "Write a post",
        description:
          "With an Idempotency-Key, a retry within 24 hours returns the original response and writes nothing. 409 while " +
          "the first request is in progress; 422 if the body differs. `parent_post_id` must name an existing post of " +
          "the same team; otherwise 404."
      })
    ),
    HttpApiEndpoint.get("get", "/posts/:id", {
      params: ofPost,
      success: WithEtag(OnePost),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({ summary: "One post", description: "304 where `If-None-Match` names the ETag that it has." })
    ),
    HttpApiEndpoint.delete("remove", "/posts/:id", {
      params: ofPost,
      success: HttpApiSchema.NoContent,
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Delete a post",
        description:
          "It can be restored until it is purged; replies stay. With `If-Match`, only the named version is deleted."
      })
    ),
    HttpApiEndpoint.post("restore", "/posts/:id/restore", {
      params: ofPost,
      success: OnePost,
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Undo a deletion",
        description: "A post that is not deleted is answered as it is."
      })
    )
  )
  .prefix(teamPrefix)
  // Posts were checked when they were written; to check a page of them again was measured at 60 to 1000 microseconds.
  .annotate(HttpApi.SuccessParseOptions, { disableChecks: true })
  .annotateMerge(OpenApi.annotations({ description: "What belongs to a team, for callers with a key of it" })) {}
