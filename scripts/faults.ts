import { writeFileSync } from "node:fs"
import { page, pageFile } from "../test/faults/Page.ts"

// Writes docs/faults.md from the tables of faults that the tests go by.
writeFileSync(pageFile, page)
