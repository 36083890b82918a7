import { Schema } from "effect"
import { lineOf, proseOf, Uuid } from "./Text.ts"
import { Timestamp } from "./Timestamp.ts"

export const PostId = Uuid.pipe(Schema.brand("PostId"))
export type PostId = typeof PostId.Type

/** What is written in a post; absent is `null` (contract section 1). */
export const PostText = Schema.Struct({
  author_name: lineOf(100),
  content: proseOf(10_000),
  tags: Schema.NullOr(Schema.Array(lineOf(50)).check(Schema.isMaxLength(20))),
  /** The post that this one answers. */
  parent_post_id: Schema.NullOr(PostId)
})
export type PostText = typeof PostText.Type

export const Post = Schema.Struct({ id: PostId, ...PostText.fields, timestamp: Timestamp })
export type Post = typeof Post.Type

/** A place in a list, newest first: what is older than it comes next. */
export interface Place {
  readonly timestamp: Timestamp
  readonly id: PostId
}

/** Which posts of a list are wanted: `limit` of them, after `place` or after the first `offset`. */
export type PageAsk = { readonly limit: number } & ({ readonly offset: number } | { readonly place: Place })

export interface Page {
  readonly posts: ReadonlyArray<Post>
  /** All that live, on this page or not. */
  readonly total: number
  readonly hasMore: boolean
}

/** None lives in this team under this id. */
export class PostNotFound extends Schema.TaggedError<PostNotFound>()("PostNotFound", { id: PostId }) {}
