import { writeFileSync } from "node:fs"
import { page, pageFile } from "./configuration/Page.ts"

// Writes docs/configuration.md from the table of settings. A test compares the two.
writeFileSync(pageFile, page)
