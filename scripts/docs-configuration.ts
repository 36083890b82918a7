import { readFileSync, writeFileSync } from "node:fs"
import { page, pageFile } from "./configuration/Page.ts"

// Writes docs/configuration.md from the table of settings. With `--check`, only fails if the page is out of date.
if (!process.argv.includes("--check")) {
  writeFileSync(pageFile, page)
} else if (readFileSync(pageFile, "utf8") !== page) {
  process.stderr.write("docs/configuration.md is out of date; run `npm run docs:configuration`\n")
  process.exitCode = 1
}
