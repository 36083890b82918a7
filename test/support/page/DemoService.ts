import { Context, Effect, Layer, Ref, Schedule, Scope } from "effect"
import { join } from "node:path"
import type { Page } from "playwright-core"
import { temporaryFolder } from "../EmbeddedFolder.ts"
import { testProcess } from "../TestProcess.ts"

const poll = Schedule.spaced("100 millis")

/** One `tbg serve --demo` for all tests of the page. */
export class DemoService extends Context.Service<
  DemoService,
  {
    readonly url: string
    /** Address of a miner of the simulated fleet. */
    readonly miner: string
    /** Ends the process and starts another one on the same port and data; runs `between` while there is none. */
    readonly restart: (between: Effect.Effect<void>) => Effect.Effect<void>
  }
>()("test/DemoService") {
  static readonly layer = Layer.effect(
    DemoService,
    Effect.gen(function* () {
      const variables = {
        TBG_ENVIRONMENT: "test",
        TBG_RATE_LIMIT_MODE: "off",
        TBG_DATABASE_URL: `embedded:${join(yield* temporaryFolder, "data")}`
      }
      const first = yield* testProcess(variables, { args: ["serve", "--demo"] })
      const printed = yield* Effect.repeat(first.output, {
        until: (output) => output.includes("leading the mining projection"),
        schedule: poll
      })
      const [, miner = ""] = /\/api\/v1\/miners\/(tb1\w+)/u.exec(printed) ?? []
      const running = yield* Ref.make(first)
      const scope = yield* Effect.scope
      const restart = Effect.fnUntraced(function* (between: Effect.Effect<void>) {
        const before = yield* Ref.get(running)
        yield* before.signal("SIGTERM")
        yield* before.exit
        yield* between
        const next = testProcess({ ...variables, TBG_PORT: String(before.port) }, { args: ["serve", "--demo"] })
        yield* Ref.set(running, yield* Effect.orDie(Effect.provideService(next, Scope.Scope, scope)))
      })
      return { url: first.url, miner, restart }
    }).pipe(Effect.orDie)
  )
}

/** Waits until the page has a text that matches. */
export const untilText = (page: Page, text: string | RegExp) =>
  Effect.promise(() => page.getByText(text).first().waitFor({ timeout: 30_000 }))

/** Text of a field of the page. */
export const fieldText = (page: Page, name: string) =>
  Effect.promise(async () => (await page.locator(`[data-field="${name}"]`).first().textContent()) ?? "")

/** Waits until a field of the page has a text that fulfills a condition. */
export const untilField = (page: Page, name: string, isWanted: (text: string) => boolean) =>
  Effect.repeat(fieldText(page, name), { until: isWanted, schedule: poll }).pipe(Effect.timeout("45 seconds"))
