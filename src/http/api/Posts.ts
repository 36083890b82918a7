import { Effect, Schema, SchemaTransformation } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Post, PostId, PostText } from "../../domain/Post.ts"
import { isVisible, lengthFirst, lineOf, Uuid } from "../../domain/Text.ts"
import { Idempotent, ifMatch, ifNoneMatch, itemErrors, Page, teamParams, teamPrefix, WithEtag } from "./Resource.ts"

export const TeamPost = Schema.Struct({
  id: Post.fields.id,
  team: Schema.String.annotate({ description: "Name of the team" }),
  author_name: Post.fields.author_name,
  content: Post.fields.content,
  tags: Post.fields.tags,
  timestamp: Post.fields.timestamp,
  parent_post_id: Post.fields.parent_post_id
}).annotate({
  identifier: "Post",
  description: "A post",
  examples: [
    {
      id: PostId.make("01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b77"),
      team: "demo",
      author_name: "Hal",
      content: "Running bitcoin",
      tags: ["mining"],
      timestamp: "2026-01-10T12:34:56.789012Z",
      parent_post_id: null
    }
  ]
})

export const OnePost = Schema.Struct({ post: TeamPost }).annotate({ identifier: "OnePost", description: "The post" })

/** Id in lower case, as in the database. */
const IdText = Uuid.pipe(Schema.decodeTo(PostId, SchemaTransformation.toLowerCase()))

const maxTags = 20
const Tags = Schema.NullOr(Schema.Array(lineOf(50).check(isVisible)).check(Schema.isMaxLength(maxTags))).annotate({
  description: "Tags, or null; no tag may be blank"
})

const NewPost = Schema.Struct({
  author_name: lineOf(100).check(isVisible).annotate({ description: "Author's display name, on one line; not blank" }),
  content: PostText.fields.content,
  tags: lengthFirst(Tags, maxTags).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  parent_post_id: Schema.NullOr(IdText)
    .annotate({ description: "Post that this one replies to, or null" })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))
}).annotate({
  identifier: "NewPost",
  description: "A post to create",
  examples: [{ author_name: "Hal", content: "Running bitcoin", tags: ["mining"], parent_post_id: null }]
})

const ofPost = teamParams({ id: IdText.pipe(Schema.annotateEncoded({ description: "UUID of the post" })) })

export class PostsApi extends HttpApiGroup.make("Posts")
  .add(
    HttpApiEndpoint.get(
      "list",
      "/posts",
      Page({ posts: Schema.Array(TeamPost).annotate({ description: "Newest first" }) }, "PostPage")
    ).annotateMerge(
      OpenApi.annotations({
        summary: "List the team's posts",
        description:
          "Newest first. Paging by `cursor` never skips or repeats a post while others are written; paging by `offset` can."
      })
    ),
    HttpApiEndpoint.post("create", "/posts", Idempotent(NewPost, OnePost)).annotateMerge(
      OpenApi.annotations({
        summary: "Create a post",
        description:
          "With an Idempotency-Key, a retry within 24 hours returns the original response and writes nothing. 409 while " +
          "the first request is in progress; 422 if the body differs. `parent_post_id` must name an existing post of " +
          "the same team; otherwise 404."
      })
    ),
    HttpApiEndpoint.get("get", "/posts/:id", {
      params: ofPost,
      headers: { ...ifMatch, ...ifNoneMatch },
      success: WithEtag(OnePost),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({ summary: "Get a post", description: "304 if `If-None-Match` names the current ETag." })
    ),
    HttpApiEndpoint.delete("remove", "/posts/:id", {
      params: ofPost,
      headers: ifMatch,
      success: HttpApiSchema.NoContent.annotate({ description: "Deleted" }),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Delete a post",
        description:
          "A deleted post can be restored until it is purged; replies stay. With `If-Match`, only that version is deleted."
      })
    ),
    HttpApiEndpoint.post("restore", "/posts/:id/restore", {
      params: ofPost,
      headers: ifMatch,
      success: OnePost,
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Restore a post",
        description: "Undoes a deletion. A post that is not deleted is returned unchanged."
      })
    )
  )
  .prefix(teamPrefix)
  // Posts were checked when they were written. Checking a page again takes 60 to 1000 microseconds.
  .annotate(HttpApi.SuccessParseOptions, { disableChecks: true })
  .annotateMerge(OpenApi.annotations({ description: "Posts of a team; an API key of the team is required" })) {}
