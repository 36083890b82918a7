import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { behindPrefix } from "../support/PathPrefix.ts"
import { testRoutes } from "../support/TestRoutes.ts"

const textOf = (response: Response) => Effect.promise(() => response.text())

const policy =
  "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
  "script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'"

/** URLs that a page refers to, as a browser resolves them behind a path prefix. */
const urlsOf = (html: string, page: string): ReadonlyArray<string> =>
  [...html.matchAll(/ (?:href|src)="([^"#]+)"/gu)].map(([, url = ""]) => behindPrefix(url, page))

describe.each(["/", "/miners/anything"])("the page of the game at %s", (path) => {
  it.effect("has a strict policy, nothing inline, and only URLs of this service", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const page = yield* ask(path)
      assert.strictEqual(page.status, 200)
      assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
      assert.strictEqual(page.headers.get("content-security-policy"), policy)
      assert.strictEqual(page.headers.get("cache-control"), "no-cache")
      assert.strictEqual(page.headers.get("x-ratelimit-remaining"), "99")
      const html = yield* textOf(page)
      assert.notMatch(html, /https?:|<style|style=|\son\w+=|<script>/u)
      const urls = urlsOf(html, path)
      assert.includeMembers([...urls], ["/docs", "/redoc", "/openapi.json", "/errors", "/ready", "/version"])
      const answers = yield* Effect.all(urls.map((url) => ask(url === "/api/v1/pool" ? "/version" : url)))
      assert.isTrue(answers.every(({ status }) => status === 200))
    })
  )

  it.effect("loads assets that caches keep forever and rate limits ignore", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const urls = urlsOf(yield* Effect.flatMap(ask(path), textOf), path).filter((url) => url.includes("/assets/"))
      const answers = yield* Effect.all(urls.map((url) => ask(url, { headers: { "Accept-Encoding": "br" } })))
      for (const { headers } of answers) {
        assert.strictEqual(headers.get("cache-control"), "public, max-age=31536000, immutable")
        assert.strictEqual(headers.get("content-encoding"), "br")
        assert.isNull(headers.get("x-ratelimit-limit"))
      }
      const types = new Set(answers.map(({ headers }) => headers.get("content-type")))
      assert.sameMembers(
        [...types],
        ["text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml", "font/woff2"]
      )
      assert.strictEqual((yield* ask(urls[0]?.replace(/assets\/[^/]+/u, "assets/other") ?? "")).status, 404)
    })
  )

  it.effect("does not link to documents that are turned off", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_DOCS_ENABLED: "false" } })
      const urls = urlsOf(yield* Effect.flatMap(ask(path), textOf), path)
      assert.notInclude(urls, "/docs")
      assert.notInclude(urls, "/openapi.json")
    })
  )
})

describe("a disabled page", () => {
  it.effect("serves links at /, but neither pages of miners nor assets", () =>
    Effect.gen(function* () {
      const [asset = ""] = urlsOf(
        yield* Effect.flatMap(
          Effect.flatMap(testRoutes(), (ask) => ask("/")),
          textOf
        ),
        "/"
      )
      const ask = yield* testRoutes({ variables: { TBG_PAGE_ENABLED: "false" } })
      assert.include(yield* Effect.flatMap(ask("/"), textOf), "The backend service of The Bitcoin Game")
      assert.deepStrictEqual(
        (yield* Effect.all([ask("/miners/anything"), ask(asset)])).map(({ status }) => status),
        [404, 404]
      )
    })
  )
})
