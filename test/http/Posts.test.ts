import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { short, teamRoutes } from "../support/TeamRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"
import { postOf } from "../support/TestTeams.ts"

const missingPost = "01926f3c-0000-7000-8000-000000000000"

describe("POST /v1/teams/{team}/posts", () => {
  it.effect("returns the complete post and its location", () =>
    Effect.gen(function* () {
      const { asAlpha, write } = yield* teamRoutes()
      yield* TestClock.setTime(1_000_000)
      const response = yield* write({ ...short, tags: ["a", "b"] })
      assert.strictEqual(response.status, 201)
      assert.strictEqual(response.headers.get("content-type"), "application/json")
      const { post } = Object(yield* jsonOf(response))
      assert.deepStrictEqual(post, {
        id: post.id,
        team: "alpha",
        author_name: "Ada",
        content: "Hello",
        tags: ["a", "b"],
        timestamp: "1970-01-01T00:16:40.000000Z",
        parent_post_id: null
      })
      assert.match(post.id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
      assert.strictEqual(response.headers.get("location"), `/v1/teams/alpha/posts/${post.id}`)
      assert.isFalse(response.headers.has("idempotency-replayed"))
      assert.deepStrictEqual(yield* Effect.flatMap(asAlpha(`/${post.id}`), jsonOf), { post })
    })
  )

  it.effect("accepts null for optional fields, newline and tab in the content, and maximum lengths", () =>
    Effect.gen(function* () {
      const { written } = yield* teamRoutes()
      const tags = Array.from({ length: 20 }, () => "🎲".repeat(50))
      const longest = { author_name: "🎲".repeat(100), content: `a\n\t${"🎲".repeat(9997)}`, tags }
      assert.deepInclude(yield* written({ ...short, tags: null, parent_post_id: null }), {
        tags: null,
        parent_post_id: null
      })
      assert.deepInclude(yield* written(longest), longest)
    })
  )

  it.effect("accepts a parent of the same team, whatever the case of its id", () =>
    Effect.gen(function* () {
      const { written } = yield* teamRoutes()
      const parent = yield* written()
      const reply = yield* written({ ...short, parent_post_id: parent.id.toUpperCase() })
      assert.strictEqual(reply.parent_post_id, parent.id)
    })
  )

  it.effect("returns 404 for a parent that is unknown, deleted, or of another team", () =>
    Effect.gen(function* () {
      const { asAlpha, beta, services, write, written } = yield* teamRoutes()
      const deleted = yield* written()
      yield* asAlpha(`/${deleted.id}`, { method: "DELETE" })
      const foreign = yield* postOf(services, beta.id)
      for (const parent_post_id of [missingPost, deleted.id, foreign]) {
        const response = yield* write({ ...short, parent_post_id })
        assert.strictEqual(response.status, 404)
        assert.deepStrictEqual(yield* jsonOf(response), {
          error: "Not found",
          code: "NOT_FOUND",
          details: { request_id: response.headers.get("x-request-id"), doc_url: "/errors/not-found" }
        })
      }
    })
  )
})

describe("a post of a team", () => {
  it.effect("is 404 once deleted, stays so, and is unchanged after a restore", () =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes()
      const post = yield* written()
      const remove = () => asAlpha(`/${post.id}`, { method: "DELETE" })
      const first = yield* remove()
      assert.strictEqual(first.status, 204)
      assert.strictEqual(yield* Effect.promise(() => first.text()), "")
      assert.strictEqual((yield* remove()).status, 404)
      assert.strictEqual((yield* asAlpha(`/${post.id}`)).status, 404)
      assert.deepInclude(yield* Effect.flatMap(asAlpha(""), jsonOf), { posts: [], total: 0 })
      for (const _ of ["deleted", "living"]) {
        const restored = yield* asAlpha(`/${post.id}/restore`, { method: "POST" })
        assert.strictEqual(restored.status, 200)
        assert.deepStrictEqual(yield* jsonOf(restored), { post })
      }
      assert.deepStrictEqual(yield* Effect.flatMap(asAlpha(`/${post.id}`), jsonOf), { post })
    })
  )

  it.effect("keeps its replies when it is deleted", () =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes()
      const parent = yield* written()
      const reply = yield* written({ ...short, parent_post_id: parent.id })
      yield* asAlpha(`/${parent.id}`, { method: "DELETE" })
      assert.deepStrictEqual(yield* Effect.flatMap(asAlpha(`/${reply.id}`), jsonOf), { post: reply })
    })
  )

  it.effect("is found by its id in upper case", () =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes()
      const post = yield* written()
      assert.strictEqual((yield* asAlpha(`/${post.id.toUpperCase()}`)).status, 200)
    })
  )
})
