import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hash } from "node:crypto"
import { codes, errorPagePath, titleOf } from "../../src/http/ErrorCodes.ts"
import { jsonOf, testRoutes } from "../support/TestRoutes.ts"

/** No script, and only the page's own style, by its hash. */
const policyFor = (html: string): string => {
  const [, style = ""] = /<style>([^<]+)<\/style>/u.exec(html) ?? []
  return (
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
    `style-src 'sha256-${hash("sha256", style, "base64")}'; img-src data:`
  )
}

describe("the error pages", () => {
  it.effect.each(codes)("include %s, even if the docs are off", (code) =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_DOCS_ENABLED: "false" } })
      const page = yield* ask(errorPagePath(code))
      assert.strictEqual(page.status, 200)
      assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
      assert.strictEqual(page.headers.get("x-ratelimit-remaining"), "99")
      const html = yield* Effect.promise(() => page.text())
      assert.strictEqual(page.headers.get("content-security-policy"), policyFor(html))
      assert.include(html, `<h1>${titleOf(code)}</h1>`)
      assert.include(html, code)
    })
  )

  it.effect("are the target of a problem's type", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const accept = { Accept: "application/problem+json" }
      const problem: { readonly type?: unknown } = Object(yield* Effect.flatMap(ask("/x", { headers: accept }), jsonOf))
      const page = yield* ask(String(problem.type))
      assert.strictEqual(page.status, 200)
      assert.include(yield* Effect.promise(() => page.text()), "<h1>Not found</h1>")
    })
  )

  it.effect("are listed on an index with relative links in both directions", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_DOCS_ENABLED: "false" } })
      const index = yield* Effect.flatMap(ask("/errors"), (page) => Effect.promise(() => page.text()))
      const linksOf = (html: string, base: string) =>
        [...html.matchAll(/<a href="([^"]+)"/gu)].map(([, href = ""]) => new URL(href, base).pathname)
      assert.sameMembers(
        linksOf(index, "http://localhost/prefix/errors"),
        codes.map((code) => `/prefix${errorPagePath(code)}`)
      )
      const page = yield* Effect.flatMap(ask("/errors/forbidden"), (page) => Effect.promise(() => page.text()))
      assert.deepStrictEqual(linksOf(page, "http://localhost/prefix/errors/forbidden"), ["/prefix/errors"])
    })
  )

  it.effect("do not exist for an unknown code", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      assert.strictEqual((yield* ask("/errors/other")).status, 404)
    })
  )
})
