import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { page, pageFile } from "./Page.ts"

describe("docs/faults.md", () => {
  it("matches the rows that the fault tests check; otherwise run npm run docs:faults", () => {
    assert.strictEqual(readFileSync(pageFile, "utf8"), page)
  })
})
