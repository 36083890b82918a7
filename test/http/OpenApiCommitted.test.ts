import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { isAmended } from "../../scripts/openapi/Amended.ts"
import { currentFile, currentText, releasedFile } from "../../scripts/openapi/Document.ts"
import { incompatible, isBreakingVersion } from "../../scripts/openapi/Incompatible.ts"

const released: unknown = JSON.parse(readFileSync(releasedFile, "utf8"))
const current: unknown = JSON.parse(currentText)

describe("the committed OpenAPI documents", () => {
  it("match the contract; otherwise run npm run openapi", () => {
    assert.strictEqual(readFileSync(currentFile, "utf8"), currentText)
  })

  it("break no caller of the released version, unless the version of the package says so", () => {
    const differences = isBreakingVersion(released, current) ? [] : incompatible(released, current)
    assert.deepStrictEqual(
      differences.filter((difference) => !isAmended(difference)),
      []
    )
  })
})
