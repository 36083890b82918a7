import { writeFileSync } from "node:fs"
import { page, pageFile } from "../test/faults/Page.ts"

// Writes docs/faults.md from the fault tables of the tests.
writeFileSync(pageFile, page)
