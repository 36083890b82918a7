import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { skipWithoutBrowser, visit } from "../support/Browser.ts"
import { realServer } from "../support/TestEdge.ts"

skipWithoutBrowser()

describe("in a browser that reaches nothing but this service", () => {
  it.live.each([
    { path: "/docs", name: "docs", text: "Readiness" },
    { path: "/v1/docs", name: "v1-docs", text: "Rate limits of the caller" },
    { path: "/redoc", name: "redoc", text: "Whether requests should come here" }
  ])("$path shows the operations, without a complaint of the browser", ({ name, path, text }) =>
    Effect.gen(function* () {
      const { url } = yield* realServer()
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

  it.live('"Try it out" on /version shows what it answers', () =>
    Effect.gen(function* () {
      const { url } = yield* realServer()
      const { complaints, keep, page } = yield* visit(`${url}/docs`)
      const operation = page.locator(".opblock", { has: page.getByRole("link", { name: "/version", exact: true }) })
      yield* Effect.promise(() => operation.getByRole("button").first().click())
      yield* Effect.promise(() => operation.getByRole("button", { name: "Execute" }).click())
      const answer = operation.locator(".live-responses-table")
      yield* Effect.promise(() => answer.getByText("build_sha").first().waitFor())
      yield* Effect.promise(() => answer.scrollIntoViewIfNeeded())
      yield* keep("try-it-out")
      assert.include(yield* Effect.promise(() => answer.textContent()), '"version": "1.2.3"')
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
