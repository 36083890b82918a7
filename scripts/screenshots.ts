// Writes docs/images/page*.png: the page of `tbg serve --demo` in a headless browser.
import { join } from "node:path"
import { demoBrowser } from "../test/support/page/DemoBrowser.ts"

const root = join(import.meta.dirname, "..")
const { close, launched, url } = await demoBrowser(join(root, "src", "main.ts"))

const shots = [
  { name: "page", path: "/", width: 1280, height: 1240, colorScheme: "light" },
  { name: "page-phone", path: "/", width: 390, height: 1400, colorScheme: "light" },
  { name: "page-miner", path: "miner", width: 1280, height: 1240, colorScheme: "dark" }
] as const

/** Time for the chart, the boards and some events to appear. */
const settleMs = 6000

try {
  for (const { colorScheme, height, name, path, width } of shots) {
    const page = await launched.newPage({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" })
    await page.goto(url)
    await page.locator('[data-state="live"]').waitFor()
    if (path === "miner") {
      await page.locator('[data-board="difficulty"] a').nth(2).click()
      await page.locator('[data-part="workers"] tbody tr').first().waitFor()
    }
    await page.waitForTimeout(settleMs)
    await page.screenshot({ path: join(root, "docs", "images", `${name}.png`) })
    await page.close()
  }
} finally {
  await close()
}
