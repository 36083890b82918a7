import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { repository } from "../support/MarkdownPages.ts"

const Packages = Schema.Record(Schema.String, Schema.String)
const Package = Schema.fromJsonString(Schema.Struct({ dependencies: Packages, devDependencies: Packages }))

const textOf = (path: string): string => readFileSync(join(repository, path), "utf8")
const { dependencies, devDependencies } = Schema.decodeUnknownSync(Package)(textOf("package.json"))

describe("the dependencies in docs/architecture.md", () => {
  it("list each package of package.json once, and no other", () => {
    const [, section = ""] = /\n## Dependencies\n([\s\S]*?)\n### /.exec(textOf("docs/architecture.md")) ?? []
    const names = [...section.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = ""]) =>
      cell.replaceAll("`", "").split(", ")
    )
    assert.sameMembers(names, Object.keys({ ...dependencies, ...devDependencies }))
  })
})
