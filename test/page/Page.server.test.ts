import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { brotliCompressSync } from "node:zlib"
import { Browser, skipWithoutBrowser, visit } from "../support/Browser.ts"
import { DemoService, fieldText, untilField, untilText } from "../support/page/DemoService.ts"
import { playerSuite } from "../support/page/PlayerSuite.ts"

skipWithoutBrowser()

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** Rules of axe that the page breaks; the source is evaluated by the browser's debugger, to which no policy applies. */
const brokenRules = (evaluate: (script: string) => Promise<unknown>) =>
  Effect.promise(async () => {
    await evaluate(await readFile(axeFile, "utf8"))
    return evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id} ${nodes.map(({ target }) => target)}`))"
    )
  })

const overflow = "document.documentElement.scrollWidth - innerWidth"
/** Sum of the layout shifts so far, which the browser reports after a moment. */
const layoutShift = `new Promise((resolve) => {
  let sum = 0
  new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (sum += value)))
    .observe({ type: "layout-shift", buffered: true })
  setTimeout(() => resolve(sum), 200)
})`
const usableMs = "performance.getEntriesByName('usable')[0].startTime"

/** Bytes of the compressed assets of the page. */
const budget = 150_000

const services = Layer.merge(DemoService.layer, Browser.layer)

layer(services, { timeout: 120_000, excludeTestServices: true })("the page in a browser", (it) => {
  playerSuite(it)

  it.effect(
    "shows the pool as it mines, in 150 kB of assets, without a warning, an inline script or another origin",
    () =>
      Effect.gen(function* () {
        const { url } = yield* DemoService
        const { asked, complaints, keep, page } = yield* visit(`${url}/`)
        yield* untilText(page, "Live")
        assert.match(yield* untilField(page, "rate", (text) => text !== "–"), /^\d+\.\d+\s[GTP]H\/s$/u)
        assert.strictEqual(yield* fieldText(page, "miners"), "20")
        yield* Effect.promise(() => page.locator('[data-board="difficulty"] tbody tr').nth(9).waitFor())
        yield* Effect.promise(() => page.locator('[data-part="blocks"] tbody tr').first().waitFor())
        yield* untilField(page, "summary", (text) => text.startsWith("average"))
        yield* keep("page-1280-light")
        assert.deepStrictEqual(complaints, [])
        assert.deepStrictEqual(
          asked.filter((one) => !one.startsWith(`${url}/`)),
          []
        )
        assert.isBelow(Number(yield* Effect.promise(() => page.evaluate(usableMs))), 10_000)
        const before = yield* fieldText(page, "shares-total")
        yield* untilField(page, "shares-total", (text) => text !== before)
        const assets = asked.filter((one) => one.includes("/page/assets/"))
        assert.isAtLeast(assets.length, 5)
        const bodies = yield* Effect.promise(() =>
          Promise.all(assets.map(async (one) => Buffer.from(await (await fetch(one)).arrayBuffer())))
        )
        const bytes = bodies.map((body) => brotliCompressSync(body).length).reduce((sum, length) => sum + length, 0)
        assert.isBelow(bytes, budget)
      })
  )

  it.effect("polls while the service refuses streams", () =>
    Effect.gen(function* () {
      const { url } = yield* DemoService
      const { page } = yield* visit("about:blank")
      yield* Effect.promise(() =>
        page.route("**/api/v1/live**", (route) =>
          route.fulfill({ status: 503, json: { detail: "Service unavailable" } })
        )
      )
      yield* Effect.promise(() => page.goto(`${url}/`))
      yield* untilText(page, "Updated every 5 seconds")
      const before = yield* untilField(page, "shares-total", (text) => text.startsWith("of "))
      yield* untilField(page, "shares-total", (text) => text !== before)
    })
  )

  it.effect.each([
    { path: "/", width: 1280, colorScheme: "light" },
    { path: "/", width: 390, colorScheme: "dark" },
    { path: "/miners/", width: 1600, colorScheme: "dark" },
    { path: "/miners/", width: 390, colorScheme: "light" }
  ] as const)(
    "$path is accessible at $width px in $colorScheme mode, without horizontal scrolling or layout shift",
    ({ colorScheme, path, width }) =>
      Effect.gen(function* () {
        const { miner, url } = yield* DemoService
        const address = path === "/" ? "" : miner
        const { complaints, keep, page } = yield* visit(`${url}${path}${address}`, { width, colorScheme })
        yield* untilText(page, "Live")
        yield* untilField(page, "rate", (text) => text !== "–")
        yield* untilField(page, "summary", (text) => text.startsWith("average"))
        yield* Effect.promise(() => page.locator("main table tbody tr").first().waitFor())
        yield* keep(`page-${address === "" ? "pool" : "miner"}-${width}-${colorScheme}`)
        assert.deepStrictEqual(yield* brokenRules((script) => page.evaluate(script)), [])
        assert.strictEqual(yield* Effect.promise(() => page.evaluate(overflow)), 0)
        assert.isBelow(Number(yield* Effect.promise(() => page.evaluate(layoutShift))), 0.05)
        const [red = 0] = yield* Effect.promise(() =>
          page.evaluate<Array<number>>("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        )
        assert.strictEqual(red < 128, colorScheme === "dark")
        assert.deepStrictEqual(complaints, [])
      })
  )

  it.effect("keeps a chosen theme on the next page", () =>
    Effect.gen(function* () {
      const { url } = yield* DemoService
      const { page } = yield* visit(`${url}/`)
      const theme = page.getByRole("button", { name: /^Theme/u })
      yield* Effect.promise(() => theme.click())
      yield* Effect.promise(() => theme.click())
      yield* untilField(page, "theme", (text) => text === "dark")
      yield* Effect.promise(() => page.reload())
      assert.strictEqual(
        yield* Effect.promise(() => page.evaluate("getComputedStyle(document.documentElement).colorScheme")),
        "dark"
      )
    })
  )

  it.effect("says that it is offline, and recovers from that and from a restart of the service", () =>
    Effect.gen(function* () {
      const { restart, url } = yield* DemoService
      const { page } = yield* visit(`${url}/`)
      yield* untilText(page, "Live")
      yield* Effect.promise(() => page.context().setOffline(true))
      yield* untilText(page, /^No connection to the service\./u)
      yield* Effect.promise(() => page.context().setOffline(false))
      yield* untilText(page, "Live")
      yield* restart(untilText(page, /^(?:Reconnecting…|No connection to the service\.)/u))
      yield* untilText(page, "Live")
      const before = yield* fieldText(page, "shares-total")
      yield* untilField(page, "shares-total", (text) => text !== before)
    })
  )
})
