import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hash } from "node:crypto"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { assetNames } from "../../src/http/docs/AssetFiles.ts"
import { jsonOf, testRoutes } from "../support/TestRoutes.ts"

const textOf = (response: Response) => Effect.promise(() => response.text())
const bytesOf = (response: Response) =>
  Effect.map(
    Effect.promise(() => response.arrayBuffer()),
    (bytes) => Buffer.from(bytes)
  )

const strict = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
const tools = "script-src 'self'; connect-src 'self'; img-src 'self' data:; "
const ownStyle = "'sha256-OWN'"
const swaggerUi = `${strict}${tools}style-src 'self' ${ownStyle}`
const redoc =
  `${strict}${tools}style-src ${ownStyle} 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' ` +
  "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='; worker-src blob:"

/** A policy that allows the page's style by its hash. */
const policyWith = (policy: string, html: string): string => {
  const [, style = ""] = /<style>([^<]+)<\/style>/u.exec(html) ?? []
  return policy.replace("sha256-OWN", `sha256-${hash("sha256", style, "base64")}`)
}

const pages = [
  { path: "/docs", policy: swaggerUi, document: "openapi.json" },
  { path: "/v1/docs", policy: swaggerUi, document: "../v1/openapi.json" },
  { path: "/redoc", policy: redoc, document: "openapi.json" }
]
const documents = ["/openapi.json", "/v1/openapi.json"]
const kept = [...pages.map(({ path }) => path), ...documents]

/** Assets that a page loads, in order. */
const assetsOf = (html: string) =>
  [...html.matchAll(/"(?:\.\.\/)?(docs\/assets\/[^"]+)"/gu)].map(([, path = ""]) => `/${path}`)

type Ask = (path: string, init?: RequestInit) => Effect.Effect<Response>

const assetsOn = (ask: Ask, path: string) => Effect.map(Effect.flatMap(ask(path), textOf), assetsOf)

describe("a docs page", () => {
  it.effect.each(pages)("$path loads only local assets under its own policy", ({ document, path, policy }) =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_PROJECT_NAME: '<"Game"> & Co' } })
      const page = yield* ask(path)
      assert.strictEqual(page.status, 200)
      assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
      assert.strictEqual(page.headers.get("x-content-type-options"), "nosniff")
      assert.strictEqual(page.headers.get("cache-control"), "no-cache")
      const html = yield* textOf(page)
      assert.strictEqual(page.headers.get("content-security-policy"), policyWith(policy, html))
      assert.include(html, "<title>&lt;&quot;Game&quot;&gt; &amp; Co</title>")
      assert.include(html, `data-document="${document}"`)
      assert.notMatch(html, /https?:|<script(?! defer src="(?:\.\.\/)?docs\/assets\/)|style=|\son\w+=/u)
      const answers = yield* Effect.all(assetsOf(html).map((asset) => ask(asset)))
      assert.isNotEmpty(answers)
      assert.isTrue(answers.every(({ status }) => status === 200))
    })
  )

  it.effect.each(kept)("%s is not sent again if its ETag matches", (path) =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const etag = (yield* ask(path)).headers.get("etag") ?? ""
      const again = yield* ask(path, { headers: { "If-None-Match": `"other", ${etag}` } })
      assert.strictEqual(again.status, 304)
      assert.strictEqual(again.headers.get("etag"), etag)
      assert.strictEqual(again.headers.get("cache-control"), "no-cache")
      assert.strictEqual(yield* textOf(again), "")
      assert.strictEqual((yield* ask(path, { headers: { "If-None-Match": '"other"' } })).status, 200)
    })
  )

  it.effect.each(kept)("%s answers HEAD, and counts against the address limit", (path) =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const head = yield* ask(path, { method: "HEAD" })
      assert.strictEqual(head.status, 200)
      assert.strictEqual(yield* textOf(head), "")
      assert.strictEqual(head.headers.get("x-ratelimit-remaining"), "99")
      const post = yield* ask(path, { method: "POST" })
      assert.strictEqual(post.status, 405)
      assert.strictEqual(post.headers.get("allow"), "GET, HEAD, OPTIONS")
    })
  )

  it.effect("varies by origin and coding, also as 304", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const plain = yield* ask("/docs")
      const listed = yield* ask("/docs", { headers: { Origin: "http://localhost:5173" } })
      const etag = plain.headers.get("etag") ?? ""
      const same = yield* ask("/docs", { headers: { "If-None-Match": etag } })
      const other = yield* ask("/docs", { headers: { "If-Match": '"x"' } })
      assert.deepStrictEqual(
        [plain, listed, same].map(({ headers, status }) => [status, headers.get("vary")]),
        [
          [200, "Origin, Accept-Encoding"],
          [200, "Origin, Accept-Encoding"],
          [304, "Origin, Accept-Encoding"]
        ]
      )
      assert.strictEqual(other.status, 412)
      assert.deepStrictEqual(yield* jsonOf(other), { detail: "Precondition failed" })
    })
  )
})

describe("an asset of the docs", () => {
  it.effect("is cached forever and not rate limited", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const [path = ""] = yield* assetsOn(ask, "/redoc")
      const asset = yield* ask(path)
      assert.strictEqual(asset.headers.get("cache-control"), "public, max-age=31536000, immutable")
      assert.strictEqual(asset.headers.get("content-type"), "text/javascript; charset=utf-8")
      assert.isNull(asset.headers.get("x-ratelimit-limit"))
      const again = yield* ask(path, { headers: { "If-None-Match": asset.headers.get("etag") ?? "" } })
      assert.strictEqual(again.status, 304)
      assert.strictEqual((yield* ask(path, { method: "HEAD" })).status, 200)
    })
  )

  it.effect.each([
    { accepted: "gzip, deflate, br", coding: "br", decode: brotliDecompressSync },
    { accepted: "gzip;q=1, br;q=0.5", coding: "gzip", decode: gunzipSync },
    { accepted: "*", coding: "br", decode: brotliDecompressSync }
  ])("is sent as $coding if the client accepts $accepted, with its own ETag", ({ accepted, coding, decode }) =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const [path = ""] = yield* assetsOn(ask, "/docs")
      const plain = yield* ask(path)
      assert.isNull(plain.headers.get("content-encoding"))
      const coded = yield* ask(path, { headers: { "Accept-Encoding": accepted } })
      assert.strictEqual(coded.headers.get("content-encoding"), coding)
      assert.notStrictEqual(coded.headers.get("etag"), plain.headers.get("etag"))
      const [bytes, decoded] = [yield* bytesOf(plain), decode(yield* bytesOf(coded))]
      assert.isTrue(bytes.equals(decoded))
    })
  )

  it.effect("is 404 and rate limited for another version", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const [path = ""] = yield* assetsOn(ask, "/docs")
      const others = [
        path.replace(/assets\/[^/]+/u, "assets/other"),
        `${path}.map`,
        path.replace(/[^/]+$/u, "toString")
      ]
      const answers = yield* Effect.all(others.map((other) => ask(other)))
      assert.deepStrictEqual(
        answers.map(({ headers, status }) => [status, headers.get("x-ratelimit-remaining")]),
        [
          [404, "98"],
          [404, "97"],
          [404, "96"]
        ]
      )
    })
  )

  it.effect("comes with its license and loads no image from another server", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const [path = ""] = yield* assetsOn(ask, "/redoc")
      const texts = yield* Effect.all(
        assetNames.map((name) => Effect.flatMap(ask(path.replace(/[^/]+$/u, name)), textOf))
      )
      const all = texts.join("\n")
      assert.include(all, "Apache License")
      assert.include(all, "MIT License")
      assert.notInclude(all, "cdn.redoc.ly")
    })
  )
})

describe("disabled docs", () => {
  it.effect("serve no page, document or asset", () =>
    Effect.gen(function* () {
      const assets = yield* Effect.flatMap(testRoutes(), (ask) => assetsOn(ask, "/docs"))
      const ask = yield* testRoutes({ variables: { TBG_DOCS_ENABLED: "false" } })
      const answers = yield* Effect.all([...kept, ...assets].map((path) => ask(path)))
      assert.isTrue(answers.every(({ status }) => status === 404))
    })
  )
})
