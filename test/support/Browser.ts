import { join } from "node:path"
import { Context, Effect, Layer, Scope } from "effect"
import { chromium } from "playwright-core"
import type { Browser as Chromium, BrowserContextOptions, Page } from "playwright-core"
import { beforeEach, inject } from "vitest"

const root = join(import.meta.dirname, "..", "..")

/** Skips the tests of a file, with the reason, if no browser is available. */
export const skipWithoutBrowser = () =>
  beforeEach((context) =>
    context.skip(inject("optional").chromium === null, "a browser: no Chromium, and no TBG_TEST_CHROMIUM")
  )

export interface Visit {
  readonly page: Page
  /** Console errors, uncaught errors and policy violations so far. */
  readonly complaints: ReadonlyArray<string>
  /** URLs requested so far, without `data:` and `blob:`. */
  readonly asked: ReadonlyArray<string>
  /** Saves a screenshot of the page to `test-results/NAME.png`. */
  readonly keep: (name: string) => Effect.Effect<void>
}

/** Headless Chromium that can reach only 127.0.0.1. */
const launch = Effect.acquireRelease(
  Effect.promise(() =>
    chromium.launch({
      executablePath: inject("optional").chromium ?? "",
      args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    })
  ),
  (launched) => Effect.promise(() => launched.close())
)

/** One browser for the tests of a file, started by the first of them. Each page has its own storage. */
export class Browser extends Context.Service<Browser, { readonly launched: Effect.Effect<Chromium> }>()(
  "test/Browser"
) {
  static readonly layer = Layer.effect(
    Browser,
    Effect.gen(function* () {
      const launched = yield* Effect.cached(Scope.provide(launch, yield* Effect.scope))
      return { launched }
    })
  )
}

/** An empty page, closed with the scope. */
export const newPage = Effect.fnUntraced(function* (options: BrowserContextOptions = {}) {
  const launched = yield* (yield* Browser).launched
  return yield* Effect.acquireRelease(
    Effect.promise(() => launched.newPage(options)),
    (page) => Effect.promise(() => page.close())
  )
})

export interface VisitOptions {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: "light" | "dark"
}

/** Opens a page and records its errors. */
export const visit = Effect.fnUntraced(function* (url: string, options: VisitOptions = {}) {
  const { colorScheme = "light", height = 900, width = 1280 } = options
  const page = yield* newPage({ viewport: { width, height }, colorScheme })
  const complaints: Array<string> = []
  const asked: Array<string> = []
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
  })
  page.on("pageerror", ({ message }) => complaints.push(message))
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`))
  page.on("request", (request) => {
    if (/^(?!data:|blob:)/u.test(request.url())) asked.push(request.url())
  })
  yield* Effect.promise(() => page.exposeFunction("complain", (text: string) => complaints.push(text)))
  yield* Effect.promise(() =>
    page.addInitScript(
      'addEventListener("securitypolicyviolation", (e) => complain(`policy: ${e.violatedDirective} ${e.blockedURI}`))'
    )
  )
  yield* Effect.promise(() => page.goto(url))
  const visited: Visit = {
    page,
    complaints,
    asked,
    keep: (name) =>
      Effect.asVoid(Effect.promise(() => page.screenshot({ path: join(root, "test-results", `${name}.png`) })))
  }
  return visited
})
