import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { Effect } from "effect"
import type { Place } from "../../src/domain/Page.ts"
import type { Post } from "../../src/domain/Post.ts"
import { createMany, setUp } from "./PostsSuite.ts"
import { newTeam, textOf } from "./MigratedServices.ts"
import type { TestServices } from "./MigratedServices.ts"

const oldest = { timestamp: "0001-01-01T00:00:00.000000Z" }

/** Listing and purging of posts. */
export const postPagesSuite = (it: Vitest.MethodsNonLive<TestServices>) => {
  it.effect("lists by offset, newest first, and reports whether more follow", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const newest = (yield* createMany(team, 5)).toReversed()
      const page = (limit: number, offset: number) => posts.list(team, { limit, offset })
      assert.deepStrictEqual(yield* page(2, 0), { items: newest.slice(0, 2), total: 5, hasMore: true })
      assert.deepStrictEqual(yield* page(2, 3), { items: newest.slice(3), total: 5, hasMore: false })
      assert.deepStrictEqual(yield* page(5, 0), { items: newest, total: 5, hasMore: false })
      assert.deepStrictEqual(yield* page(2, 5), { items: [], total: 5, hasMore: false })
    })
  )

  it.effect("lists posts older than a position, whether its post was deleted or not", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const newest = (yield* createMany(team, 5)).toReversed()
      const [, second = yield* Effect.die("five were made")] = newest
      const page = { items: newest.slice(2, 4), total: 5, hasMore: true }
      assert.deepStrictEqual(yield* posts.list(team, { limit: 2, after: second }), page)
      yield* posts.remove(team, second.id)
      assert.deepStrictEqual(yield* posts.list(team, { limit: 2, after: second }), { ...page, total: 4 })
      assert.deepStrictEqual(yield* posts.list(team, { limit: 2, after: { ...second, ...oldest } }), {
        items: [],
        total: 4,
        hasMore: false
      })
    })
  )

  it.effect("lists posts a microsecond apart once each, one per page", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const made = yield* createMany(team, 20)
      const walked: Array<Post> = []
      let page = yield* posts.list(team, { limit: 1, offset: 0 })
      while (page.items.length > 0) {
        walked.push(...page.items)
        const place: Place = walked.at(-1) ?? (yield* Effect.die("a page is not empty"))
        page = yield* posts.list(team, { limit: 1, after: place })
      }
      assert.deepStrictEqual(walked, made.toReversed())
    })
  )

  it.effect("purges a limited number of posts deleted before a time, oldest deletion first", () =>
    Effect.gen(function* () {
      const { clock, posts, team } = yield* setUp
      const create = posts.create(team, textOf())
      const [first, second, third, fourth, fifth] = yield* Effect.all([create, create, create, create, create])
      const deleted = [fourth.id, third.id, second.id]
      yield* Effect.forEach(deleted, (id) => posts.remove(team, id))
      const cut = yield* clock.now
      yield* posts.remove(team, fifth.id)
      assert.strictEqual(yield* posts.purge(team, cut, 2), 2)
      const outcomes = yield* Effect.forEach(deleted, (id) => Effect.exit(posts.restore(team, id)))
      assert.deepStrictEqual(
        outcomes.map(({ _tag }) => _tag),
        ["Failure", "Failure", "Success"]
      )
      assert.strictEqual(yield* posts.purge(team, cut, 2), 0)
      yield* posts.restore(team, fifth.id)
      assert.deepStrictEqual(yield* posts.list(team, { limit: 10, offset: 0 }), {
        items: [fifth, second, first],
        total: 3,
        hasMore: false
      })
    })
  )

  it.effect("purges a post and keeps its replies, including deleted ones, without a parent", () =>
    Effect.gen(function* () {
      const { clock, posts, team } = yield* setUp
      const parent = yield* posts.create(team, textOf())
      const living = yield* posts.create(team, textOf({ parent_post_id: parent.id }))
      const deleted = yield* posts.create(team, textOf({ parent_post_id: parent.id }))
      yield* posts.remove(team, parent.id)
      const cut = yield* clock.now
      yield* posts.remove(team, deleted.id)
      assert.strictEqual(yield* posts.purge(team, cut, 10), 1)
      assert.deepStrictEqual(yield* posts.find(team, living.id), { ...living, parent_post_id: null })
      assert.deepStrictEqual(yield* posts.restore(team, deleted.id), { ...deleted, parent_post_id: null })
    })
  )

  it.effect("purges a post and its reply together", () =>
    Effect.gen(function* () {
      const { clock, posts, team } = yield* setUp
      const parent = yield* posts.create(team, textOf())
      const reply = yield* posts.create(team, textOf({ parent_post_id: parent.id }))
      yield* Effect.forEach([parent, reply], ({ id }) => posts.remove(team, id))
      assert.strictEqual(yield* posts.purge(team, yield* clock.now, 10), 2)
    })
  )

  it.effect("does not purge posts of another team or restored posts", () =>
    Effect.gen(function* () {
      const { clock, posts, team } = yield* setUp
      const [gone, back] = yield* Effect.all([posts.create(team, textOf()), posts.create(team, textOf())])
      yield* Effect.forEach([gone, back], ({ id }) => posts.remove(team, id))
      yield* posts.restore(team, back.id)
      const now = yield* clock.now
      assert.strictEqual(yield* posts.purge((yield* newTeam).id, now, 10), 0)
      assert.strictEqual(yield* posts.purge(team, now, 10), 1)
      assert.deepStrictEqual(yield* posts.find(team, back.id), back)
    })
  )
}
