import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Browser, skipWithoutBrowser, visit } from "../support/Browser.ts"
import { realServer } from "../support/TestEdge.ts"

skipWithoutBrowser()

describe("the page of links at / in a browser", () => {
  it.live("leads to the docs on a phone in dark mode", () =>
    Effect.gen(function* () {
      const { url } = yield* realServer({ variables: { TBG_PAGE_ENABLED: "false" } })
      const { complaints, keep, page } = yield* visit(`${url}/`)
      yield* Effect.promise(() => page.setViewportSize({ width: 390, height: 844 }))
      yield* Effect.promise(() => page.emulateMedia({ colorScheme: "dark" }))
      yield* keep("home")
      const script = "[document.documentElement.scrollWidth, getComputedStyle(document.body).color]"
      assert.deepStrictEqual(yield* Effect.promise(() => page.evaluate(script)), [390, "rgb(255, 255, 255)"])
      yield* Effect.promise(() => page.getByRole("link", { name: "Try the API" }).click())
      yield* Effect.promise(() => page.getByText("Readiness").first().waitFor())
      assert.strictEqual(page.url(), `${url}/docs`)
      assert.deepStrictEqual(complaints, [])
    }).pipe(Effect.provide(Browser.layer))
  )
})
