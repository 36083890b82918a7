import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { Posts } from "../../src/services/Posts.ts"
import { short, teamRoutes } from "../support/TeamRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"
import { memoryTeams } from "../support/TestTeams.ts"

/** Paths of the problems of a 422. */
const pathsOf = Effect.fnUntraced(function* (response: Response) {
  assert.strictEqual(response.status, 422)
  const { code, details } = Object(yield* jsonOf(response))
  assert.strictEqual(code, "VALIDATION_ERROR")
  return details.errors.map(({ path }: { path: string }) => path).toSorted()
})

const control = ["\u0000", "\u0007", "\u001B", "\u007F", "\u0085", "\uD800"]

const bodies = [
  ["nothing", {}, ["author_name", "content"]],
  ["empty texts", { author_name: "", content: "" }, ["author_name", "content"]],
  ["texts too long", { author_name: "a".repeat(101), content: "a".repeat(10_001) }, ["author_name", "content"]],
  ["too many tags", { ...short, tags: Array.from({ length: 21 }, () => "a") }, ["tags"]],
  [
    "bad tags",
    { ...short, tags: ["a", "", "b", "c".repeat(51), 5, "a\nb"] },
    ["tags[1]", "tags[3]", "tags[4]", "tags[5]"]
  ],
  ["blank texts", { author_name: "  ", content: "b", tags: ["a", "\u200B"] }, ["author_name", "tags[1]"]],
  ["far too many tags", { ...short, tags: Array.from({ length: 100_000 }, () => 0) }, ["tags"]],
  ["a parent that is not an id", { ...short, parent_post_id: "x" }, ["parent_post_id"]],
  ["unknown fields", { ...short, id: "x", team: "beta" }, ["id", "team"]],
  ["a line in two", { author_name: "a\nb", content: "a\r\nb" }, ["author_name", "content"]],
  ...control.map((sign) => [
    JSON.stringify(sign),
    { author_name: `a${sign}`, content: `${sign}b`, tags: [sign] },
    ["author_name", "content", "tags[0]"]
  ])
] as const

/** The same routes for all tests whose requests write nothing. */
class Routes extends Context.Service<Routes, Effect.Success<ReturnType<typeof teamRoutes>>>()(
  "tbg-api/test/http/PostsInvalid/Routes"
) {
  static readonly layer = Layer.effect(Routes, teamRoutes())
}

describe("a hostile body", () => {
  it.effect("gets at most 100 problems", () =>
    Effect.gen(function* () {
      const { write } = yield* teamRoutes()
      const unknown = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`k${index}`, 0]))
      const { details } = Object(yield* jsonOf(yield* write({ ...short, ...unknown })))
      assert.lengthOf(details.errors, 100)
      assert.deepStrictEqual(details.errors[99], { path: "k99", message: "Unknown field" })
    })
  )

  it.effect("with more than 1,000 fields is one problem at any depth, and text does not count as a field", () =>
    Effect.gen(function* () {
      const { write } = yield* teamRoutes()
      const nested = { ...short, tags: Array.from({ length: 1001 }, () => ({ a: 0 })) }
      const { details } = Object(yield* jsonOf(yield* write(nested)))
      assert.deepStrictEqual(details.errors, [{ path: "", message: "Expected at most 1000 fields" }])
      const text = { ...short, content: '\\":"'.repeat(1001) }
      assert.strictEqual((yield* write(text)).status, 201)
    })
  )
})

describe("a stored post with a blank author", () => {
  it.effect("stays readable", () =>
    Effect.gen(function* () {
      const services = yield* Layer.build(memoryTeams)
      const { asAlpha, alpha } = yield* teamRoutes({ teams: Layer.succeedContext(services) })
      const stored = { author_name: "\u200B", content: "b", tags: [" "], parent_post_id: null }
      const { id } = yield* Context.get(services, Posts).create(alpha.id, stored)
      assert.deepInclude(Object(yield* jsonOf(yield* asAlpha(`/${id}`))).post, stored)
      assert.deepInclude(Object(yield* jsonOf(yield* asAlpha(""))).posts[0], stored)
    })
  )
})

layer(Routes.layer)("a body that is not an object", (it) => {
  it.effect.each([null, "a", 5, [short]])("gets the expected type without the name of a schema: %j", (body) =>
    Effect.gen(function* () {
      const { write } = yield* Routes
      const { details } = Object(yield* jsonOf(yield* write(body)))
      assert.deepStrictEqual(details.errors, [{ path: "", message: "Expected an object" }])
    })
  )
})

layer(Routes.layer)("a validation error", (it) => {
  it.effect.each(bodies)("lists every problem of a body with its path: %s", ([, body, paths]) =>
    Effect.gen(function* () {
      const { write } = yield* Routes
      assert.deepStrictEqual(yield* Effect.flatMap(write(body), pathsOf), paths)
    })
  )

  it.effect.each([
    ["?limit=0", ["limit"]],
    ["?limit=101&offset=-1", ["limit", "offset"]],
    ["?limit=1e1&offset=+1&cursor=a.b", ["cursor", "limit", "offset"]],
    ["?limit=", ["limit"]],
    ["?limit=1&limit=2", ["limit"]],
    ["?offset=10001", ["offset"]],
    ["?offset=0&cursor=x", ["cursor"]],
    ["?cursor=", ["cursor"]],
    ["?cursor=a%00", ["cursor"]]
  ] as const)("lists every problem of a query with its path: %s", ([query, paths]) =>
    Effect.gen(function* () {
      const { asAlpha } = yield* Routes
      assert.deepStrictEqual(yield* Effect.flatMap(asAlpha(query), pathsOf), paths)
    })
  )

  it.effect("names `cursor` for an offset above 10,000", () =>
    Effect.gen(function* () {
      const { asAlpha } = yield* Routes
      const { details } = Object(yield* jsonOf(yield* asAlpha("?offset=10001")))
      assert.deepStrictEqual(details.errors, [
        { path: "offset", message: "Expected 0 to 10000; use `cursor` for later pages" }
      ])
    })
  )

  it.effect.each([" ", "a b", "é", "a\tb", "a".repeat(256)])("rejects an Idempotency-Key: %j", (key) =>
    Effect.gen(function* () {
      const { asAlpha, write } = yield* teamRoutes()
      assert.deepStrictEqual(yield* Effect.flatMap(write(short, { "idempotency-key": key }), pathsOf), [
        "idempotency-key"
      ])
      assert.deepInclude(yield* Effect.flatMap(asAlpha(""), jsonOf), { total: 0 })
    })
  )
})

describe("an unreadable body", () => {
  it.effect.each([
    ["nothing", 422, "", "application/json"],
    ["a type with a charset", 201, JSON.stringify(short), "application/json; charset=utf-8"]
  ] as const)("is rejected with its own code: %s", ([, status, body, type]) =>
    Effect.gen(function* () {
      const { asAlpha } = yield* teamRoutes()
      const headers: Record<string, string> = type === undefined ? {} : { "content-type": type }
      headers["content-length"] = String(Buffer.byteLength(body))
      assert.strictEqual((yield* asAlpha("", { method: "POST", body, headers })).status, status)
    })
  )
})
