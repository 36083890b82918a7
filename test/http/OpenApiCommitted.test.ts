import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { breakingChanges, currentFile, currentText } from "../../scripts/openapi/Document.ts"

describe("the committed OpenAPI documents", () => {
  it("match the contract; otherwise run npm run openapi", () => {
    assert.strictEqual(readFileSync(currentFile, "utf8"), currentText)
  })

  it("break no caller of the released version, unless the version of the package says so", () => {
    assert.deepStrictEqual(breakingChanges(), [])
  })
})
