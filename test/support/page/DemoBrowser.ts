import { Effect } from "effect"
import { chromium } from "playwright-core"
import { startService } from "../../../bench/Service.ts"
import { chromiumProgram } from "../throwaway/Programs.ts"

/** Waits for a condition of a running service, for at most a minute. */
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  for (let round = 0; round < 600; round++) {
    if (await condition()) return
    await Effect.runPromise(Effect.sleep("100 millis"))
  }
  throw new Error("the demo has no history after a minute")
}

const json = async (url: string): Promise<Record<string, unknown>> => Object(await (await fetch(url)).json())

/** `tbg serve --demo` with its history, and a headless browser, for scripts and benchmarks. */
export const demoBrowser = async (program: string) => {
  const executablePath = await Effect.runPromise(chromiumProgram)
  if (executablePath === undefined) throw new Error("no browser: install chromium")
  const service = await startService([program, "serve", "--demo"], {
    TBG_ENVIRONMENT: "development",
    TBG_RATE_LIMIT_MODE: "off"
  })
  // The process leads the projection when the history is written.
  await until(async () => (await json(`${service.url}/health/mining`))["leader"] === true)
  const launched = await chromium.launch({ executablePath })
  return {
    url: service.url,
    launched,
    close: async () => {
      await launched.close()
      await service.stop()
    }
  }
}
