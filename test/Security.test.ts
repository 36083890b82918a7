import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const read = (path: string) => readFileSync(join(root, path), "utf8")

const page = read("docs/security.md")
const named = [...page.matchAll(/`(test\/[^`]+)`: "([^"]+)"/gu)].map(([, file = "", title = ""]) => ({ file, title }))

describe("docs/security.md", () => {
  it("covers all ten OWASP risks", () => {
    for (let risk = 1; risk <= 10; risk++) assert.match(page, new RegExp(`^\\| API${risk} .*"`, "m"))
  })

  it("names a test in every row except the audit", () => {
    const rows = page.split("\n").filter((line) => /^\| (API|V)\d/u.test(line))
    assert.deepStrictEqual(
      rows.filter((row) => !/`test\/[^`]+`: "/u.test(row)).map((row) => row.split(" ")[1]),
      ["V14.2"]
    )
  })

  it("names only tests that exist", () => {
    assert.isNotEmpty(named)
    const missing = named.filter(({ file, title }) => {
      const quoted = ['"', "'", "`"].map((quote) => `${quote}${title}${quote}`)
      return !existsSync(join(root, file)) || !quoted.some((text) => read(file).includes(text))
    })
    assert.deepStrictEqual(missing, [])
  })
})
