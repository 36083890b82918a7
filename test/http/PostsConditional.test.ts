import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { etagOf, isMatched, isNamed } from "../../src/http/Etag.ts"
import { short, teamRoutes } from "../support/TeamRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"

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
  ] as const)("that is not met is 412, and nothing is deleted or restored: %s", ([, condition]) =>
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

  it.effect.each(["*", "current", '"x", current'])("that is met deletes: %s", (ifMatch) =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes()
      const { id } = yield* written()
      const etag = (yield* asAlpha(`/${id}`)).headers.get("etag") ?? ""
      const headers = { "if-match": ifMatch.replace("current", etag) }
      assert.strictEqual((yield* asAlpha(`/${id}`, { headers })).status, 200)
      assert.strictEqual((yield* asAlpha(`/${id}`, { method: "DELETE", headers })).status, 204)
      // 404 comes first (RFC 9110, 13.2.1), and a deleted post has no version that matches.
      assert.strictEqual((yield* asAlpha(`/${id}`, { method: "DELETE", headers })).status, 404)
      assert.strictEqual((yield* asAlpha(`/${id}/restore`, { method: "POST", headers })).status, 412)
      const unless = { "if-none-match": etag }
      assert.strictEqual((yield* asAlpha(`/${id}/restore`, { method: "POST", headers: unless })).status, 200)
    })
  )

  it.effect("on a read or on a list, which has no entity tag, is 412 without a match", () =>
    Effect.gen(function* () {
      const { asAlpha, written } = yield* teamRoutes()
      const { id } = yield* written()
      const headers = { "if-match": '"x"', "content-type": "application/json" }
      const create = { method: "POST", headers, body: JSON.stringify(short) }
      assert.strictEqual((yield* asAlpha(`/${id}`, { headers })).status, 412)
      assert.strictEqual((yield* asAlpha(`/${id}`, { method: "HEAD", headers })).status, 412)
      assert.strictEqual((yield* asAlpha("", { headers })).status, 412)
      assert.strictEqual((yield* asAlpha("", create)).status, 412)
      assert.strictEqual((yield* asAlpha("", { headers: { "if-match": "*" } })).status, 200)
      assert.propertyVal(yield* jsonOf(yield* asAlpha("")), "total", 1)
    })
  )
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
