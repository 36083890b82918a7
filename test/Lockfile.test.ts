import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { repository } from "./support/MarkdownPages.ts"

const Versions = Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
const Locked = Schema.Struct({
  dev: Schema.optionalKey(Schema.Boolean),
  dependencies: Versions,
  optionalDependencies: Versions
})
const Lockfile = Schema.fromJsonString(Schema.Struct({ packages: Schema.Record(Schema.String, Locked) }))

describe("package-lock.json", () => {
  it("ships neither elliptic nor a package that depends on it", () => {
    const { packages } = Schema.decodeUnknownSync(Lockfile)(readFileSync(join(repository, "package-lock.json"), "utf8"))
    const isElliptic = (name: string) => /(^|\/)elliptic$/u.test(name)
    const all = Object.entries(packages)
    const shipped = all.filter(([path, { dev }]) => path !== "" && dev !== true)
    const found = shipped.filter(([path, { dependencies, optionalDependencies }]) =>
      [path, ...Object.keys({ ...dependencies, ...optionalDependencies })].some(isElliptic)
    )
    assert.deepStrictEqual(found, [])
    // A development package has it, so the test would find it.
    assert.isTrue(all.some(([path]) => isElliptic(path)))
  })
})
