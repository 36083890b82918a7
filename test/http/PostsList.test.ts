import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { short, teamRoutes } from "../support/TeamRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"

const idsOf = (body: unknown): ReadonlyArray<string> => Object(body).posts.map(({ id }: { id: string }) => id)

/** `alpha` with this many posts; returns their ids, newest first. */
const withPosts = Effect.fnUntraced(function* (count: number) {
  const fixture = yield* teamRoutes()
  const ids = yield* Effect.forEach(Array.from({ length: count }), () =>
    Effect.map(fixture.written(), ({ id }) => String(id))
  )
  return { ...fixture, ids: ids.toReversed() }
})

/** Target of a `Link`, after the path of the list. */
const nextOf = ({ headers }: Response): string | undefined =>
  /^<\/v1\/teams\/alpha\/posts(\?[^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1]

describe("GET /v1/teams/{team}/posts", () => {
  it.effect("returns an empty last page for a team without posts", () =>
    Effect.gen(function* () {
      const { asAlpha } = yield* teamRoutes()
      const response = yield* asAlpha("")
      assert.strictEqual(response.status, 200)
      assert.isFalse(response.headers.has("link"))
      assert.deepStrictEqual(yield* jsonOf(response), { posts: [], total: 0, has_more: false, next_cursor: null })
    })
  )

  it.effect("returns the ten newest first, with a link to the next page", () =>
    Effect.gen(function* () {
      const { asAlpha, ids } = yield* withPosts(11)
      const response = yield* asAlpha("")
      const body = Object(yield* jsonOf(response))
      assert.deepStrictEqual(idsOf(body), ids.slice(0, 10))
      assert.deepInclude(body, { total: 11, has_more: true })
      assert.strictEqual(nextOf(response), `?limit=10&cursor=${body.next_cursor}`)
      const rest = yield* asAlpha(`?cursor=${body.next_cursor}`)
      assert.deepStrictEqual(idsOf(yield* jsonOf(rest)), ids.slice(10))
    })
  )

  it.effect.each([1, 2, 3, 7, 100])("returns each post once and in order by following Link, %d per page", (limit) =>
    Effect.gen(function* () {
      const { asAlpha, ids } = yield* withPosts(7)
      const walked: Array<string> = []
      for (let next: string | undefined = `?limit=${limit}`; next !== undefined;) {
        const response: Response = yield* asAlpha(next)
        const body = Object(yield* jsonOf(response))
        walked.push(...idsOf(body))
        next = nextOf(response)
        assert.strictEqual(body.total, 7)
        assert.strictEqual(body.has_more, next !== undefined)
        assert.strictEqual(body.next_cursor === null, next === undefined)
      }
      assert.deepStrictEqual(walked, ids)
    })
  )

  it.effect("skips by offset to the position where a cursor continues", () =>
    Effect.gen(function* () {
      const { asAlpha, ids } = yield* withPosts(5)
      const page = yield* asAlpha("?offset=1&limit=2")
      assert.deepStrictEqual(idsOf(yield* jsonOf(page)), ids.slice(1, 3))
      assert.deepStrictEqual(idsOf(yield* Effect.flatMap(asAlpha(nextOf(page) ?? ""), jsonOf)), ids.slice(3))
      const beyond = yield* asAlpha("?offset=10000")
      assert.deepStrictEqual(yield* jsonOf(beyond), { posts: [], total: 5, has_more: false, next_cursor: null })
    })
  )

  it.effect("neither skips nor repeats by cursor while posts are created and deleted", () =>
    Effect.gen(function* () {
      const { asAlpha, ids, written } = yield* withPosts(4)
      const first = yield* asAlpha("?limit=2")
      yield* written()
      yield* asAlpha(`/${ids[1]}`, { method: "DELETE" })
      assert.deepStrictEqual(idsOf(yield* Effect.flatMap(asAlpha(nextOf(first) ?? ""), jsonOf)), ids.slice(2))
    })
  )

  it.effect("rejects a modified cursor", () =>
    Effect.gen(function* () {
      const { asAlpha } = yield* withPosts(2)
      const { next_cursor: cursor } = Object(yield* Effect.flatMap(asAlpha("?limit=1"), jsonOf))
      const answers = yield* Effect.all([
        asAlpha(`?cursor=${cursor.startsWith("A") ? "B" : "A"}${cursor.slice(1)}`),
        asAlpha(`?cursor=${cursor.slice(0, -4)}`),
        asAlpha("?cursor=x")
      ])
      for (const answer of answers) {
        assert.strictEqual(answer.status, 422)
        assert.deepStrictEqual(yield* jsonOf(answer), {
          error: "Validation error",
          code: "VALIDATION_ERROR",
          details: {
            request_id: answer.headers.get("x-request-id"),
            doc_url: "/errors/validation-error",
            param: "cursor",
            hint: "Expected a cursor returned by a list of this team",
            errors: [{ path: "cursor", message: "Expected a cursor returned by a list of this team" }]
          }
        })
      }
    })
  )

  it.effect("answers HEAD with the same headers and no body", () =>
    Effect.gen(function* () {
      const { asAlpha } = yield* withPosts(2)
      const head = yield* asAlpha("?limit=1", { method: "HEAD" })
      assert.strictEqual(head.status, 200)
      assert.isDefined(nextOf(head))
      assert.strictEqual(yield* Effect.promise(() => head.text()), "")
    })
  )

  it.effect("does not count posts of another team", () =>
    Effect.gen(function* () {
      const { ask, beta, write } = yield* withPosts(1)
      yield* write(short)
      const asBeta = { headers: { authorization: `Bearer ${beta.token}` } }
      assert.deepInclude(yield* Effect.flatMap(ask("/v1/teams/beta/posts", asBeta), jsonOf), { total: 0 })
    })
  )
})
