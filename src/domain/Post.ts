import { Schema } from "effect"
import { lineOf, proseOf, Uuid } from "./Text.ts"
import { Timestamp } from "./Timestamp.ts"

export const PostId = Uuid.pipe(Schema.brand("PostId"))
export type PostId = typeof PostId.Type

/** Fields of a post that callers write; `null` if absent (contract section 1). */
export const PostText = Schema.Struct({
  author_name: lineOf(100),
  content: proseOf(10_000),
  tags: Schema.NullOr(Schema.Array(lineOf(50)).check(Schema.isMaxLength(20))),
  /** The post that this one replies to. */
  parent_post_id: Schema.NullOr(PostId)
})
export type PostText = typeof PostText.Type

export const Post = Schema.Struct({ id: PostId, ...PostText.fields, timestamp: Timestamp })
export type Post = typeof Post.Type

/** The team has no post with this id, or it is deleted. */
export class PostNotFound extends Schema.TaggedError<PostNotFound>()("PostNotFound", { id: PostId }) {}
