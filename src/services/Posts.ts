import { Context, Layer } from "effect"
import type { Effect } from "effect"
import type { Page, PageAsk, Post, PostId, PostNotFound, PostText } from "../domain/Post.ts"
import type { TeamId } from "../domain/Team.ts"
import { memoryPosts } from "./posts/MemoryPosts.ts"
import { sqlPosts } from "./posts/SqlPosts.ts"

/** The posts of teams. Every method names the team, and no row of another comes out of it: see `withTeam`. */
export class Posts extends Context.Service<
  Posts,
  {
    /** Fails where the post that it answers does not live in this team. */
    readonly create: (team: TeamId, text: PostText) => Effect.Effect<Post, PostNotFound>
    /** Newest first. */
    readonly list: (team: TeamId, ask: PageAsk) => Effect.Effect<Page>
    readonly find: (team: TeamId, id: PostId) => Effect.Effect<Post, PostNotFound>
    /** It can be restored until it is purged; replies stay. */
    readonly remove: (team: TeamId, id: PostId) => Effect.Effect<void, PostNotFound>
    /** The post as it is, whether it lived before or not. */
    readonly restore: (team: TeamId, id: PostId) => Effect.Effect<Post, PostNotFound>
    /**
     * Removes for good, at most so many of those that were deleted before a time (RFC 3339), the longest deleted first;
     * gives how many. Replies to them stay, and answer none from then on.
     */
    readonly purge: (team: TeamId, before: string, atMost: number) => Effect.Effect<number>
  }
>()("tbg-api/services/Posts") {
  static readonly layer = Layer.effect(Posts, sqlPosts)
  static readonly layerMemory = Layer.effect(Posts, memoryPosts)
}
