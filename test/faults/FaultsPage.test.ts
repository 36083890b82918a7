import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { page, pageFile } from "./Page.ts"

describe("docs/faults.md", () => {
  it("is what the tests of faults expect; `npm run docs:faults` writes it", () => {
    assert.strictEqual(readFileSync(pageFile, "utf8"), page)
  })
})
