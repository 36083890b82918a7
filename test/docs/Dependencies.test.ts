import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { repository } from "../support/MarkdownPages.ts"

const Versions = Schema.Record(Schema.String, Schema.String)
const Package = Schema.fromJsonString(Schema.Struct({ dependencies: Versions, devDependencies: Versions }))

const textOf = (path: string): string => readFileSync(join(repository, path), "utf8")
const { dependencies, devDependencies } = Schema.decodeUnknownSync(Package)(textOf("package.json"))

describe("docs/dependencies.md", () => {
  it("has exactly one row per package of package.json, with its version", () => {
    const rows = [...textOf("docs/dependencies.md").matchAll(/^\| `(\S+)` \| (\d\S+) \|/gm)]
    const packages = Object.entries({ ...dependencies, ...devDependencies })
    assert.deepStrictEqual(
      Object.fromEntries(rows.map(([, name, version]) => [name, version])),
      Object.fromEntries(packages.map(([name, version]) => [name, version.replace(/^npm:.+@/, "")]))
    )
  })
})
