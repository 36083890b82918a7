import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Schedule } from "effect"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { Teams } from "../../src/services/Teams.ts"
import { Browser, skipWithoutBrowser, visit } from "../support/Browser.ts"
import { prefixProxy } from "../support/PrefixProxy.ts"
import { realServer } from "../support/TestEdge.ts"
import { memoryTeams } from "../support/TestTeams.ts"

skipWithoutBrowser()

const visits = [
  { path: "/docs", text: "Readiness", width: 1280, colorScheme: "light" },
  { path: "/docs", text: "Readiness", width: 390, colorScheme: "dark" },
  { path: "/v1/docs", text: "Rate limits of the caller", width: 390, colorScheme: "light" },
  { path: "/redoc", text: "Whether this process can take requests", width: 1280, colorScheme: "dark" },
  { path: "/redoc", text: "Whether this process can take requests", width: 390, colorScheme: "light" },
  { path: "/errors", text: "Rate limited", width: 390, colorScheme: "dark" },
  { path: "/errors/rate-limited", text: "the number of seconds in Retry-After", width: 1280, colorScheme: "light" }
] as const

/** Horizontal overflow of the page, and the red component of its title's color. */
const look = `[
  document.documentElement.scrollWidth - innerWidth,
  Number(/\\d+/.exec(getComputedStyle(document.querySelector("h1, h2")).color)[0])
]`

/** The service with team `demo`, as `make start` runs it, and its key. */
const demoServer = Effect.gen(function* () {
  const services = yield* Layer.build(memoryTeams)
  const team = yield* Context.get(services, Teams).create("demo")
  const { token } = yield* Context.get(services, ApiKeys).create(team, { label: null, expiresAt: null })
  const { port, url } = yield* realServer({ teams: Layer.succeedContext(services) })
  return { port, url, key: Redacted.value(token) }
})

layer(Browser.layer, { excludeTestServices: true })("a page in a browser without network access", (it) => {
  it.effect.each(visits)(
    "$path is readable at $width px in $colorScheme mode, behind a path prefix, without a browser warning",
    ({ colorScheme, path, text, width }) =>
      Effect.gen(function* () {
        const { port } = yield* realServer()
        const url = yield* prefixProxy("/game/api", port)
        const { asked, complaints, keep, page } = yield* visit(`${url}${path}`, { width, colorScheme })
        yield* Effect.promise(() => page.getByText(text).first().waitFor({ timeout: 20_000, state: "attached" }))
        yield* Effect.promise(() => page.waitForLoadState("networkidle"))
        yield* keep(`${path.slice(1).replaceAll("/", "-")}-${width}-${colorScheme}`)
        assert.deepStrictEqual(complaints, [])
        assert.deepStrictEqual(
          asked.filter((one) => !one.startsWith(`${url}/`)),
          []
        )
        const [overflow, red] = yield* Effect.promise(() => page.evaluate<[number, number]>(look))
        assert.strictEqual(overflow, 0)
        assert.strictEqual(red > 127, colorScheme === "dark")
      })
  )

  it.effect("/docs shows the first operation at 1280 px without scrolling", () =>
    Effect.gen(function* () {
      const { url } = yield* realServer()
      const { page } = yield* visit(`${url}/docs`, { width: 1280, height: 720 })
      const operation = page.locator(".opblock").first()
      yield* Effect.promise(() => operation.waitFor())
      const box = yield* Effect.promise(() => operation.boundingBox())
      assert.isBelow((box?.y ?? 720) + (box?.height ?? 0), 720)
    })
  )

  it.effect('/docs runs "Try it out" with the demo team\'s key, without editing, behind a path prefix', () =>
    Effect.gen(function* () {
      const { key, port } = yield* demoServer
      const url = yield* prefixProxy("/game/api", port)
      const { complaints, keep, page } = yield* visit(`${url}/docs`)
      const send = Effect.fnUntraced(function* (summary: string, status: string) {
        const operation = page.locator(".opblock", { hasText: summary })
        yield* Effect.promise(() => operation.getByRole("button").first().click())
        yield* Effect.promise(() => operation.getByRole("button", { name: "Execute" }).click())
        const answer = operation.locator(".live-responses-table .response-col_status")
        yield* Effect.promise(() => answer.getByText(status, { exact: true }).first().waitFor())
      })
      yield* Effect.promise(() => page.locator(".auth-wrapper .btn.authorize").first().click())
      const boxes = page.locator(".auth-container")
      assert.deepStrictEqual(
        (yield* Effect.promise(() => boxes.locator("h4 code").allTextContents())).map((name) => name.trim()),
        ["apiKey", "bearer", "session"]
      )
      yield* Effect.promise(() => boxes.first().locator("input").fill(key))
      yield* Effect.promise(() => boxes.first().getByRole("button", { name: "Apply credentials" }).click())
      yield* Effect.promise(() => page.getByRole("button", { name: "Close" }).first().click())
      yield* send("List the team's posts", "200")
      const total = Effect.promise(async () => {
        const headers = { authorization: `Bearer ${key}` }
        const response = await fetch(`http://127.0.0.1:${port}/v1/teams/demo/posts?limit=1`, { headers })
        return Number(Object(await response.json()).total)
      })
      const before = yield* total
      yield* send("Create a post", "201")
      // No idempotency key is filled in, so the same request creates another post.
      const execute = page.locator(".opblock", { hasText: "Create a post" }).getByRole("button", { name: "Execute" })
      yield* Effect.promise(() => execute.click())
      yield* Effect.repeat(total, { until: (now) => now === before + 2, schedule: Schedule.spaced("50 millis") })
      yield* keep("try-it-out")
      assert.deepStrictEqual(complaints, [])
    })
  )
})
