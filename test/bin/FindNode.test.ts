import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import pkg from "../../package.json" with { type: "json" }
import { repository } from "../support/Yaml.ts"

type IsSupported = (version: string) => unknown
const isFunction = (value: unknown): value is IsSupported => typeof value === "function"
// Plain JavaScript without types, so that any Node.js can run it.
const launcher: unknown = await import(join(repository, "bin", "find-node.js"))
const { isSupported } = Schema.decodeUnknownSync(Schema.Struct({ isSupported: Schema.declare(isFunction) }))(launcher)

describe("the range of supported Node.js versions", () => {
  it.each([
    ["20.19.0", false],
    ["22.19.0", false],
    ["22.20.9", false],
    ["22.21.0", true],
    ["22.99.0", true],
    ["23.11.0", false],
    ["24.0.0", false],
    ["24.8.0", false],
    ["24.9.0", true],
    ["25.0.0", true],
    ["26.10.0", true]
  ])("includes %s: %s", (version, expected) => assert.strictEqual(isSupported(version), expected))

  it("matches package.json, and CI runs its lowest versions", () => {
    assert.strictEqual(pkg.engines.node, "^22.21 || >=24.9")
    const workflow = readFileSync(join(repository, ".github/workflows/api-ci.yml"), "utf8")
    assert.include(workflow, 'node: ["22.21.0", "24.9.0"]')
  })
})
