import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer, request } from "node:http"
import { skipWithoutBrowser, visit } from "../support/Browser.ts"
import { realServer } from "../support/TestEdge.ts"

skipWithoutBrowser()

/** URL of the service behind a proxy that removes `/prefix` from paths. */
const behindPrefix = Effect.gen(function* () {
  const { url } = yield* realServer()
  const proxy = createServer((incoming, outgoing) => {
    const { headers, method, url: target = "" } = incoming
    const path = /^\/prefix(\/.*)$/u.exec(target)?.[1] ?? "/outside-of-the-prefix"
    const forwarded = request(`${url}${path}`, { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    incoming.pipe(forwarded)
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => proxy.close().closeAllConnections()))
  yield* Effect.callback<void>((resume) => void proxy.listen(0, "127.0.0.1", () => resume(Effect.void)))
  const address = proxy.address()
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/prefix`
})

describe("in a browser that reaches nothing but this service", () => {
  it.live.each([
    { path: "/docs", name: "docs", text: "Readiness" },
    { path: "/v1/docs", name: "v1-docs", text: "Rate limits of the caller" },
    { path: "/redoc", name: "redoc", text: "Whether requests should come here" }
  ])("$path shows the operations behind a path prefix, without an error of the browser", ({ name, path, text }) =>
    Effect.gen(function* () {
      const url = yield* behindPrefix
      const { asked, complaints, keep, page } = yield* visit(`${url}${path}`)
      yield* Effect.promise(() => page.getByText(text).first().waitFor({ timeout: 20_000, state: "attached" }))
      yield* Effect.promise(() => page.waitForLoadState("networkidle"))
      yield* keep(name)
      assert.deepStrictEqual(complaints, [])
      assert.deepStrictEqual(
        asked.filter((one) => !one.startsWith(`${url}/`)),
        []
      )
    })
  )

  it.live.each([
    {
      place: "at the root",
      base: Effect.map(realServer(), ({ url }) => url),
      path: "/docs",
      operationPath: "/version"
    },
    { place: "behind a path prefix", base: behindPrefix, path: "/docs", operationPath: "/version" },
    { place: "of /v1 behind a path prefix", base: behindPrefix, path: "/v1/docs", operationPath: "/v1/healthz" }
  ])('"Try it out" $place shows the response', ({ base, operationPath, path }) =>
    Effect.gen(function* () {
      const url = yield* base
      const { asked, complaints, keep, page } = yield* visit(`${url}${path}`)
      const operation = page.locator(".opblock", { has: page.getByRole("link", { name: operationPath, exact: true }) })
      yield* Effect.promise(() => operation.getByRole("button").first().click())
      yield* Effect.promise(() => operation.getByRole("button", { name: "Execute" }).click())
      const answer = operation.locator(".live-responses-table")
      yield* Effect.promise(() => answer.getByText("abc123").first().waitFor())
      yield* Effect.promise(() => answer.scrollIntoViewIfNeeded())
      yield* keep("try-it-out")
      assert.include(asked, `${url}${operationPath}`)
      assert.deepStrictEqual(complaints, [])
    })
  )

  it.live("an error page is plain to read", () =>
    Effect.gen(function* () {
      const { url } = yield* realServer()
      const { complaints, keep, page } = yield* visit(`${url}/errors/rate-limited`)
      yield* keep("error-page")
      assert.include(yield* Effect.promise(() => page.textContent("body")), "as many seconds as Retry-After says")
      assert.deepStrictEqual(complaints, [])
    })
  )
})
