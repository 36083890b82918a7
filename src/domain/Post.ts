import { Schema } from "effect"
import { lineOf, proseOf, Uuid } from "./Text.ts"
import { Timestamp } from "./Timestamp.ts"

export const PostId = Uuid.pipe(Schema.brand("PostId"))
export type PostId = typeof PostId.Type

/** Fields of a post that callers write; `null` if absent (contract section 1). */
export const PostText = Schema.Struct({
  author_name: lineOf(100).annotate({ description: "Author's display name, on one line" }),
  content: proseOf(10_000).annotate({ description: "Text; newline and tab are the only control characters" }),
  tags: Schema.NullOr(Schema.Array(lineOf(50)).check(Schema.isMaxLength(20))).annotate({
    description: "Tags, or null"
  }),
  parent_post_id: Schema.NullOr(PostId).annotate({ description: "Post that this one replies to, or null" })
})
export type PostText = typeof PostText.Type

export const Post = Schema.Struct({
  id: PostId.annotate({ description: "UUIDv7, given by the service" }),
  ...PostText.fields,
  timestamp: Timestamp.annotate({ description: "Time of writing: RFC 3339 in UTC, with microseconds" })
})
export type Post = typeof Post.Type

/** The post does not exist in this team, or is deleted. */
export class PostNotFound extends Schema.TaggedError<PostNotFound>()("PostNotFound", { id: PostId }) {}
