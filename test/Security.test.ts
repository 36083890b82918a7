import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const page = readFileSync(join(root, "docs/security.md"), "utf8")
const rows = page.split("\n").filter((line) => /^\| (API|V)\d/u.test(line))
const testFiles = (row: string) => [...row.matchAll(/`(test\/[^`]+)`/gu)].map(([, file = ""]) => file)

describe("docs/security.md", () => {
  it("covers all ten OWASP risks", () => {
    for (let risk = 1; risk <= 10; risk++) assert.match(page, new RegExp(`^\\| API${risk} `, "m"))
  })

  it("names a test file in every row except the dependency audit", () => {
    const untested = rows.filter((row) => testFiles(row).length === 0)
    assert.deepStrictEqual(
      untested.map((row) => row.split(" ")[1]),
      ["V14.2"]
    )
  })

  it("names only test files that exist", () => {
    const missing = rows.flatMap(testFiles).filter((file) => !existsSync(join(root, file)))
    assert.deepStrictEqual(missing, [])
  })
})
