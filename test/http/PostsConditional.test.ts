import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { etagOf, isNamed } from "../../src/http/Etag.ts"
import { teamRoutes } from "../support/TeamRoutes.ts"

const tag = '"a,b"'

describe("an entity tag", () => {
  it("is strong, and another for other bytes", () => {
    assert.match(etagOf("a"), /^"[\w-]{43}"$/)
    assert.strictEqual(etagOf("a"), etagOf("a"))
    assert.notStrictEqual(etagOf("a"), etagOf("b"))
  })

  it.each([
    [tag, true],
    ["*", true],
    [" * ", true],
    [`W/${tag}`, true],
    [`"x", W/"y" ,${tag}`, true],
    [undefined, false],
    ["", false],
    ['"a"', false],
    ["a,b", false],
    ['"a,b', false],
    [`"${tag}`, false],
    ["**", false]
  ])("is named by If-None-Match: %s is %s", (header, expected) => {
    assert.strictEqual(isNamed(header, tag), expected)
  })
})

describe("GET /v1/teams/{team}/posts/{id}", () => {
  it.effect("answers 304 without a body to whom has it already, and the post to everybody else", () =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes({ variables: { TBG_RATE_LIMIT_MODE: "enforce" } })
      const { id } = yield* written()
      const get = (ifNoneMatch: string, method = "GET") =>
        asAlpha(`/${id}`, { method, headers: { "if-none-match": ifNoneMatch } })
      const first = yield* asAlpha(`/${id}`)
      const etag = first.headers.get("etag") ?? ""
      assert.match(etag, /^"[\w-]{43}"$/)
      const same = yield* get(`"x", W/${etag}`)
      assert.strictEqual(same.status, 304)
      assert.strictEqual(same.headers.get("etag"), etag)
      assert.isFalse(same.headers.has("content-type"))
      assert.isTrue(same.headers.has("x-ratelimit-remaining"))
      assert.isTrue(same.headers.has("x-request-id"))
      assert.strictEqual(yield* Effect.promise(() => same.text()), "")
      assert.strictEqual((yield* get("*", "HEAD")).status, 304)
      const other = yield* get('"x"')
      assert.strictEqual(other.status, 200)
      assert.strictEqual(other.headers.get("etag"), etag)
      const head = yield* get('"x"', "HEAD")
      assert.strictEqual(head.headers.get("etag"), etag)
    })
  )

  it.effect("is 404 for a deleted post, whatever the caller has", () =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes()
      const { id } = yield* written()
      yield* asAlpha(`/${id}`, { method: "DELETE" })
      const response = yield* asAlpha(`/${id}`, { headers: { "if-none-match": "*" } })
      assert.strictEqual(response.status, 404)
      assert.isFalse(response.headers.has("etag"))
    })
  )
})
