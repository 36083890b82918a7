import { Schema } from "effect"
import { lineOf, proseOf, Uuid } from "./Text.ts"
import { Timestamp } from "./Timestamp.ts"

export const PostId = Uuid.pipe(Schema.brand("PostId"))
export type PostId = typeof PostId.Type

/** What is written in a post; absent is `null` (contract section 1). */
export const PostText = Schema.Struct({
  author_name: lineOf(100).annotate({ description: "Author's display name, on one line" }),
  content: proseOf(10_000).annotate({ description: "Text; newline and tab are the only control characters" }),
  tags: Schema.NullOr(Schema.Array(lineOf(50)).check(Schema.isMaxLength(20))).annotate({
    description: "Tags; null if there are none"
  }),
  parent_post_id: Schema.NullOr(PostId).annotate({ description: "Post that this one replies to; null if none" })
})
export type PostText = typeof PostText.Type

export const Post = Schema.Struct({
  id: PostId.annotate({ description: "UUIDv7, given by the service" }),
  ...PostText.fields,
  timestamp: Timestamp.annotate({ description: "Time of writing: RFC 3339 in UTC, with microseconds" })
})
export type Post = typeof Post.Type

/** None lives in this team under this id. */
export class PostNotFound extends Schema.TaggedError<PostNotFound>()("PostNotFound", { id: PostId }) {}
