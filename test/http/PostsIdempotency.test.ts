import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { jsonBody, short, teamRoutes } from "../support/TeamRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"

const key = { "idempotency-key": "order-1" }

const textOf = (response: Response) => Effect.promise(() => response.text())

describe("Idempotency-Key", () => {
  it.effect("replays the same bytes and location, marks the replay, and writes once", () =>
    Effect.gen(function* () {
      const { asAlpha, write } = yield* teamRoutes()
      const first = yield* write(short, key)
      const again = yield* write(short, key)
      assert.deepStrictEqual([first.status, again.status], [201, 201])
      assert.isFalse(first.headers.has("idempotency-replayed"))
      assert.strictEqual(again.headers.get("idempotency-replayed"), "true")
      assert.strictEqual(again.headers.get("location"), first.headers.get("location"))
      assert.strictEqual(again.headers.get("content-type"), "application/json")
      assert.strictEqual(yield* textOf(again), yield* textOf(first))
      assert.deepInclude(yield* Effect.flatMap(asAlpha(""), jsonOf), { total: 1 })
    })
  )

  it.effect("compares the decoded request, not its formatting", () =>
    Effect.gen(function* () {
      const { asAlpha, write } = yield* teamRoutes()
      yield* write(short, key)
      const init = { ...jsonBody(short), body: '{ "tags": null, "content": "Hello", "author_name": "Ada" }' }
      const again = yield* asAlpha("", { ...init, headers: { "content-type": "application/json", ...key } })
      assert.strictEqual(again.headers.get("idempotency-replayed"), "true")
    })
  )

  it.effect("is rejected with 422 and its own code for another body", () =>
    Effect.gen(function* () {
      const { write } = yield* teamRoutes()
      yield* write(short, key)
      const other = yield* write({ ...short, content: "Other" }, key)
      assert.strictEqual(other.status, 422)
      assert.deepStrictEqual(yield* jsonOf(other), {
        error: "Idempotency key reused",
        code: "IDEMPOTENCY_KEY_REUSED",
        details: {
          request_id: other.headers.get("x-request-id"),
          doc_url: "/errors/idempotency-key-reused",
          param: "Idempotency-Key",
          hint: "Use a new key for a new request"
        }
      })
    })
  )

  it.effect("is scoped to the API key", () =>
    Effect.gen(function* () {
      const { alpha, ask, newKey, write } = yield* teamRoutes()
      yield* write(short, key)
      const { token } = yield* newKey(alpha)
      const other = yield* ask("/v1/teams/alpha/posts", {
        ...jsonBody({ ...short, content: "Other" }),
        headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...key }
      })
      assert.strictEqual(other.status, 201)
      assert.isFalse(other.headers.has("idempotency-replayed"))
    })
  )

  it.effect("does not store errors: a rejected write can be retried with it", () =>
    Effect.gen(function* () {
      const { asAlpha, write, written } = yield* teamRoutes()
      const { id } = yield* written()
      const reply = { ...short, parent_post_id: id }
      yield* asAlpha(`/${id}`, { method: "DELETE" })
      assert.strictEqual((yield* write(reply, key)).status, 404)
      assert.strictEqual((yield* write({}, key)).status, 422)
      yield* asAlpha(`/${id}/restore`, { method: "POST" })
      const response = yield* write(reply, key)
      assert.strictEqual(response.status, 201)
      assert.isFalse(response.headers.has("idempotency-replayed"))
    })
  )

  it.effect("accepts 255 visible characters", () =>
    Effect.gen(function* () {
      const { write } = yield* teamRoutes()
      assert.strictEqual((yield* write(short, { "idempotency-key": "!~".padEnd(255, "a") })).status, 201)
    })
  )
})
