// Time from navigation until the page shows the state of the pool, with an empty cache. Prints a Markdown table.
// Starts `tbg serve --demo`. Needs `npm run build`.
import { demoBrowser } from "../test/support/page/DemoBrowser.ts"
import { median } from "./Service.ts"

const rounds = 15
const boundMs = 1000

const { close, launched, url } = await demoBrowser("dist/main.js")
const times: Array<number> = []
try {
  for (let round = 0; round < rounds; round++) {
    const context = await launched.newContext()
    const page = await context.newPage()
    await page.goto(url)
    // The stream opens after the state is shown. The policy of the page forbids `waitForFunction`.
    await page.locator('[data-state="live"]').waitFor()
    times.push(Number(await page.evaluate("performance.getEntriesByName('usable')[0].startTime")))
    await context.close()
  }
} finally {
  await close()
}

const row = (figure: string, ms: number) => `| ${figure} | ${Math.round(ms)} ms | ${boundMs} ms |`
console.log("| figure | measured | bound |\n|---|---|---|")
console.log(row("page usable, median", median(times)))
console.log(row("page usable, slowest", Math.max(...times)))
if (median(times) > boundMs) process.exitCode = 1
