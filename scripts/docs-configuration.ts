import { readFileSync, writeFileSync } from "node:fs"
import { page, pageFile } from "./configuration/Page.ts"

// Writes docs/configuration.md from the declaration of the settings; `--check` only says whether it is as it would be.
if (!process.argv.includes("--check")) {
  writeFileSync(pageFile, page)
} else if (readFileSync(pageFile, "utf8") !== page) {
  process.stderr.write("docs/configuration.md is not what the settings say: run `npm run docs:configuration`\n")
  process.exitCode = 1
}
