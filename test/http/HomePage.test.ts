import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hash } from "node:crypto"
import { behindPrefix } from "../support/PathPrefix.ts"
import { testRoutes } from "../support/TestRoutes.ts"

const textOf = (response: Response) => Effect.promise(() => response.text())

const linksOf = (html: string) =>
  [...html.matchAll(/<a href="([^"]+)"/gu)].map(([, url = ""]) => behindPrefix(url, "/"))

/** The page of the game replaces this one. */
const withoutPage = { TBG_PAGE_ENABLED: "false" }

describe("the page of links at /", () => {
  it.effect("links to the docs, with its own policy and under the address limit", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { ...withoutPage, TBG_PROJECT_NAME: '<"Game"> & Co' } })
      const page = yield* ask("/?utm_source=mail")
      assert.strictEqual(page.status, 200)
      assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
      assert.strictEqual(page.headers.get("x-content-type-options"), "nosniff")
      assert.strictEqual(page.headers.get("x-ratelimit-remaining"), "99")
      const html = yield* textOf(page)
      const [, style = ""] = /<style>([^<]+)<\/style>/u.exec(html) ?? []
      assert.include(style, "color-scheme: light dark")
      assert.strictEqual(
        page.headers.get("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
          `style-src 'sha256-${hash("sha256", style, "base64")}'; img-src data:`
      )
      assert.include(html, "<h1>&lt;&quot;Game&quot;&gt; &amp; Co</h1>")
      assert.notMatch(html, /https?:|<script|style=|\son\w+=/u)
      assert.includeMembers(linksOf(html), ["/docs", "/redoc", "/openapi.json", "/errors", "/ready", "/version"])
      const answers = yield* Effect.all(linksOf(html).map((link) => ask(link)))
      assert.isTrue(answers.every(({ status }) => status === 200))
    })
  )

  it.effect("does not link to pages that are turned off", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { ...withoutPage, TBG_DOCS_ENABLED: "false" } })
      const links = linksOf(yield* Effect.flatMap(ask("/"), textOf))
      assert.deepStrictEqual(links, ["/errors", "/ready", "/version"])
    })
  )

  it.effect("is revalidated by its ETag, answers HEAD, and allows no other method", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: withoutPage })
      const head = yield* ask("/", { method: "HEAD" })
      assert.strictEqual(head.status, 200)
      assert.strictEqual(yield* textOf(head), "")
      const again = yield* ask("/", { headers: { "If-None-Match": head.headers.get("etag") ?? "" } })
      assert.strictEqual(again.status, 304)
      const post = yield* ask("/", { method: "POST" })
      assert.strictEqual(post.status, 405)
      assert.strictEqual(post.headers.get("allow"), "GET, HEAD, OPTIONS")
    })
  )
})
