import { Effect } from "effect"
import { PostId, PostNotFound } from "../../../src/domain/Post.ts"
import type { PageRequest, Place } from "../../../src/domain/Page.ts"
import type { Post, PostText } from "../../../src/domain/Post.ts"
import type { TeamId } from "../../../src/domain/Team.ts"
import { Ids } from "../../../src/services/Ids.ts"

interface Kept {
  readonly team: TeamId
  readonly post: Post
  readonly deletedAt: string | undefined
}

const isOlder = (post: Post, place: Place): boolean =>
  post.timestamp === place.timestamp ? post.id < place.id : post.timestamp < place.timestamp

/** In-process posts with the same rules as in Postgres. */
export const memoryPosts = Effect.gen(function* () {
  const { next, now } = yield* Ids
  const kept = new Map<PostId, Kept>()

  const ofTeam = (team: TeamId, id: PostId): Kept | undefined => {
    const found = kept.get(id)
    return found?.team === team ? found : undefined
  }
  const living = (team: TeamId, id: PostId): Effect.Effect<Post, PostNotFound> =>
    Effect.suspend(() => {
      const found = ofTeam(team, id)
      return found === undefined || found.deletedAt !== undefined
        ? Effect.fail(new PostNotFound({ id }))
        : Effect.succeed(found.post)
    })

  return {
    create: (team: TeamId, text: PostText) =>
      Effect.gen(function* () {
        if (text.parent_post_id !== null) yield* living(team, text.parent_post_id)
        const { at, id } = yield* next
        const post = { ...text, id: PostId.make(id), timestamp: at }
        kept.set(post.id, { team, post, deletedAt: undefined })
        return post
      }),
    list: (team: TeamId, request: PageRequest) =>
      Effect.sync(() => {
        const all = [...kept.values()].filter((one) => one.team === team && one.deletedAt === undefined)
        const newestFirst = all.map(({ post }) => post).toSorted((a, b) => (isOlder(a, b) ? 1 : -1))
        const rest =
          "after" in request
            ? newestFirst.filter((post) => isOlder(post, request.after))
            : newestFirst.slice(request.offset)
        return { items: rest.slice(0, request.limit), total: all.length, hasMore: rest.length > request.limit }
      }),
    find: living,
    remove: (team: TeamId, id: PostId) =>
      Effect.gen(function* () {
        const post = yield* living(team, id)
        kept.set(id, { team, post, deletedAt: yield* now })
      }),
    restore: (team: TeamId, id: PostId) =>
      Effect.suspend(() => {
        const found = ofTeam(team, id)
        if (found === undefined) return Effect.fail(new PostNotFound({ id }))
        kept.set(id, { ...found, deletedAt: undefined })
        return Effect.succeed(found.post)
      }),
    purge: (team: TeamId, before: string, atMost: number) =>
      Effect.sync(() => {
        const doomed = [...kept.values()]
          .flatMap((one) => (one.team === team && one.deletedAt !== undefined ? [{ ...one, at: one.deletedAt }] : []))
          .filter(({ at }) => at < before)
          .toSorted((a, b) => (a.at < b.at ? -1 : 1))
          .slice(0, atMost)
        for (const { post } of doomed) kept.delete(post.id)
        for (const [id, one] of kept) {
          const orphaned = doomed.some(({ post }) => post.id === one.post.parent_post_id)
          if (orphaned) kept.set(id, { ...one, post: { ...one.post, parent_post_id: null } })
        }
        return doomed.length
      })
  }
})
