import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Post, PostId } from "../../src/domain/Post.ts"
import type { PostText } from "../../src/domain/Post.ts"
import type { TeamId } from "../../src/domain/Team.ts"
import { Ids } from "../../src/services/Ids.ts"
import { Posts } from "../../src/services/Posts.ts"
import { newTeam, textOf } from "./MigratedServices.ts"
import type { TestServices } from "./MigratedServices.ts"

const decodePost = Schema.decodeUnknownEffect(Post)

/** A new team and the posts service. */
export const setUp = Effect.gen(function* () {
  const { id: team } = yield* newTeam
  return { team, posts: yield* Posts, clock: yield* Ids }
})

export const createMany = (team: TeamId, count: number) =>
  Effect.flatMap(Posts, (posts) =>
    Effect.forEach(Array.from({ length: count }), (_, index) => posts.create(team, textOf({ content: `${index}` })))
  )

/** Creation, lookup, deletion and restoration of posts. */
export const postsSuite = (it: Vitest.MethodsNonLive<TestServices>) => {
  it.effect("creates a post unchanged, and finds it again", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const text = textOf({ author_name: "Ada 🦊", content: "a\n\tb", tags: ["one", "two"] })
      const post = yield* posts.create(team, text)
      assert.deepStrictEqual(yield* decodePost(post), { ...text, id: post.id, timestamp: post.timestamp })
      assert.deepStrictEqual(yield* posts.find(team, post.id), post)
    })
  )

  it.effect("distinguishes no tags from an empty list of tags", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const none = yield* posts.create(team, textOf({ tags: null }))
      const empty = yield* posts.create(team, textOf({ tags: [] }))
      assert.strictEqual((yield* posts.find(team, none.id)).tags, null)
      assert.deepStrictEqual((yield* posts.find(team, empty.id)).tags, [])
    })
  )

  it.effect.each<readonly [string, Partial<PostText>]>([
    ["a name of 100 letters", { author_name: "a".repeat(100) }],
    ["a name of 100 emoji", { author_name: "🦊".repeat(100) }],
    ["10,000 letters", { content: "é".repeat(10_000) }],
    ["10,000 emoji", { content: "🦊".repeat(10_000) }],
    ["20 tags of 50 emoji", { tags: Array.from({ length: 20 }, () => "🦊".repeat(50)) }],
    ["quotes, braces and backslashes", { content: `'"\\{},$1%`, tags: [`a"b`, `{c,d}`, `\\`, "NULL"] }]
  ])("accepts %s", ([, changed]) =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const post = yield* posts.create(team, textOf(changed))
      assert.deepStrictEqual(yield* posts.find(team, post.id), { ...post, ...changed })
    })
  )

  it.effect("assigns ids of version 7 and microsecond timestamps that increase with each post", () =>
    Effect.gen(function* () {
      const { team } = yield* setUp
      const made = yield* createMany(team, 50)
      const ids = made.map(({ id }) => id)
      const times = made.map(({ timestamp }) => timestamp)
      assert.deepStrictEqual(ids, ids.toSorted())
      assert.deepStrictEqual(times, [...new Set(times)].toSorted())
      assert.isTrue(ids.every((id) => /^.{14}7.{4}[89ab]/u.test(id)))
    })
  )

  it.effect("accepts a reply to a post of the same team", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const parent = yield* posts.create(team, textOf())
      const reply = yield* posts.create(team, textOf({ parent_post_id: parent.id }))
      assert.strictEqual((yield* posts.find(team, reply.id)).parent_post_id, parent.id)
    })
  )

  it.effect("rejects a reply to a post that is unknown, another team's or deleted", () =>
    Effect.gen(function* () {
      const { clock, posts, team } = yield* setUp
      const unknown = PostId.make((yield* clock.next).id)
      const foreign = yield* posts.create((yield* newTeam).id, textOf())
      const deleted = yield* posts.create(team, textOf())
      yield* posts.remove(team, deleted.id)
      yield* Effect.forEach([unknown, foreign.id, deleted.id], (id) =>
        Effect.map(Effect.flip(posts.create(team, textOf({ parent_post_id: id }))), (error) =>
          assert.strictEqual(error.id, id)
        )
      )
      assert.strictEqual((yield* posts.list(team, { limit: 1, offset: 0 })).total, 0)
    })
  )

  it.effect("deletes a post once", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const [kept, gone] = yield* Effect.all([posts.create(team, textOf()), posts.create(team, textOf())])
      yield* posts.remove(team, gone.id)
      assert.strictEqual((yield* Effect.flip(posts.find(team, gone.id))).id, gone.id)
      assert.strictEqual((yield* Effect.flip(posts.remove(team, gone.id))).id, gone.id)
      assert.deepStrictEqual(yield* posts.list(team, { limit: 10, offset: 0 }), {
        items: [kept],
        total: 1,
        hasMore: false
      })
    })
  )

  it.effect("keeps the replies to a deleted post unchanged", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const parent = yield* posts.create(team, textOf())
      const reply = yield* posts.create(team, textOf({ parent_post_id: parent.id }))
      yield* posts.remove(team, parent.id)
      assert.deepStrictEqual(yield* posts.find(team, reply.id), reply)
    })
  )

  it.effect("restores a deleted post unchanged, in its place", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const made = yield* createMany(team, 3)
      const before = yield* posts.list(team, { limit: 10, offset: 0 })
      const [, middle = yield* Effect.die("three were made")] = made
      yield* posts.remove(team, middle.id)
      assert.deepStrictEqual(yield* posts.restore(team, middle.id), middle)
      assert.deepStrictEqual(yield* posts.list(team, { limit: 10, offset: 0 }), before)
    })
  )

  it.effect("returns a post that is not deleted unchanged on restore", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const post = yield* posts.create(team, textOf())
      assert.deepStrictEqual(yield* posts.restore(team, post.id), post)
      assert.strictEqual((yield* posts.list(team, { limit: 1, offset: 0 })).total, 1)
    })
  )

  it.effect("does not find, list, delete or restore another team's post", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const other = (yield* newTeam).id
      const post = yield* posts.create(team, textOf())
      const { find, remove, restore } = posts
      yield* Effect.forEach([find, remove, restore], (method) =>
        Effect.map(Effect.flip(method(other, post.id)), (error) => assert.strictEqual(error.id, post.id))
      )
      assert.deepStrictEqual(yield* posts.list(other, { limit: 10, offset: 0 }), {
        items: [],
        total: 0,
        hasMore: false
      })
      assert.deepStrictEqual(yield* posts.find(team, post.id), post)
    })
  )
}
