import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { etagOf, isMatched, isListed } from "../../src/http/Etag.ts"
import { teamRoutes } from "../support/TeamRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"

const tag = '"a,b"'

describe("an entity tag", () => {
  it("is strong, and differs for other bytes", () => {
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
  ])("matches If-None-Match %s: %s", (header, expected) => {
    assert.strictEqual(isListed(header, tag), expected)
  })
})

describe("If-Match", () => {
  it.each([
    [undefined, true],
    ["*", true],
    [tag, true],
    [`"x", ${tag}`, true],
    [`W/${tag}`, false],
    ['"x"', false],
    ["", false],
    ["a,b", false]
  ])("%s allows a request: %s", (header, expected) => assert.strictEqual(isMatched(header, tag), expected))

  it.each([
    [undefined, true],
    ["*", false],
    [tag, false]
  ])("%s allows a request to a missing resource: %s", (header, expected) => {
    assert.strictEqual(isMatched(header, undefined), expected)
  })
})

describe("a condition", () => {
  it.effect.each([
    ["an entity tag of another version", { "if-match": '"x"' }],
    ["a weak entity tag", { "if-match": "weak" }],
    ["text that is not an entity tag", { "if-match": "x" }],
    ["nothing", { "if-match": "" }],
    ["If-None-Match of any version", { "if-none-match": "*" }],
    ["If-None-Match of this version", { "if-none-match": "current" }]
  ] as const)("that fails is 412, and nothing is deleted or restored: %s", ([, condition]) =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes()
      const { id } = yield* written()
      const etag = (yield* asAlpha(`/${id}`)).headers.get("etag") ?? ""
      const [[name, value] = ["", ""]] = Object.entries(condition)
      const headers = { [name]: value.replace("weak", `W/${etag}`).replace("current", etag) }
      const refused = yield* asAlpha(`/${id}`, { method: "DELETE", headers })
      assert.strictEqual(refused.status, 412)
      assert.deepInclude(yield* jsonOf(refused), { error: "Precondition failed", code: "PRECONDITION_FAILED" })
      assert.strictEqual((yield* asAlpha(`/${id}`)).status, 200)
      assert.strictEqual((yield* asAlpha(`/${id}/restore`, { method: "POST", headers })).status, 412)
    })
  )

  it.effect.each(["*", "current", '"x", current'])("that holds allows a deletion: %s", (ifMatch) =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes()
      const { id } = yield* written()
      const etag = (yield* asAlpha(`/${id}`)).headers.get("etag") ?? ""
      const headers = { "if-match": ifMatch.replace("current", etag) }
      assert.strictEqual((yield* asAlpha(`/${id}`, { headers })).status, 200)
      assert.strictEqual((yield* asAlpha(`/${id}`, { method: "DELETE", headers })).status, 204)
      // 404 comes first (RFC 9110, 13.2.1): a deleted post has no version that matches.
      assert.strictEqual((yield* asAlpha(`/${id}`, { method: "DELETE", headers })).status, 404)
      assert.strictEqual((yield* asAlpha(`/${id}/restore`, { method: "POST", headers })).status, 412)
      const unless = { "if-none-match": etag }
      assert.strictEqual((yield* asAlpha(`/${id}/restore`, { method: "POST", headers: unless })).status, 200)
    })
  )
})

describe("GET /v1/teams/{team}/posts/{id}", () => {
  it.effect("returns 404 for a deleted post, whatever the condition", () =>
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
