import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Ids } from "../../src/services/Ids.ts"
import { Posts } from "../../src/services/Posts.ts"
import { newTeam, realServices, textOf } from "../support/MigratedServices.ts"
import { removeTeamFilters } from "../support/WithoutIsolation.ts"

const twoPosts = Effect.gen(function* () {
  const posts = yield* Posts
  const own = (yield* newTeam).id
  const other = (yield* newTeam).id
  yield* posts.create(own, textOf())
  return { posts, own, other, post: yield* posts.create(other, textOf()) }
})

describe("posts with queries that do not filter by team", () => {
  it.effect("are still listed, changed and deleted only by their own team", () =>
    Effect.gen(function* () {
      const { now } = yield* Ids
      yield* removeTeamFilters
      const { other, own, post, posts } = yield* twoPosts
      const page = yield* posts.list(own, { limit: 10, offset: 0 })
      assert.strictEqual(page.total, 1)
      assert.notInclude(
        page.items.map(({ id }) => id),
        post.id
      )
      const asked = [
        posts.find(own, post.id),
        posts.remove(own, post.id),
        posts.restore(own, post.id),
        posts.create(own, textOf({ parent_post_id: post.id })),
        // Creations that wait for a free statement share the next one.
        Effect.all(
          Array.from({ length: 30 }, () => Effect.flip(posts.create(own, textOf({ parent_post_id: post.id })))),
          { concurrency: "unbounded" }
        ).pipe(Effect.flatMap(([error]) => Effect.fail(error)))
      ]
      yield* Effect.forEach(asked, (one) =>
        Effect.map(Effect.flip(Effect.asVoid(one)), (error) => assert.strictEqual(error?.id, post.id))
      )
      yield* posts.remove(other, post.id)
      assert.strictEqual(yield* posts.purge(own, yield* now, 10), 0)
      assert.deepStrictEqual(yield* posts.restore(other, post.id), post)
    }).pipe(Effect.provide(realServices))
  )
})
