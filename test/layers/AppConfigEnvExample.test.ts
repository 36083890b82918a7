import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseEnv } from "node:util"
import { envExample } from "../../scripts/configuration/EnvExample.ts"
import { allRows } from "../../src/layers/config/Table.ts"

describe(".env.example", () => {
  it("matches the settings table; otherwise run npm run env:example", () => {
    assert.strictEqual(readFileSync(join(import.meta.dirname, "../../.env.example"), "utf8"), envExample)
  })

  it("names every variable once", () => {
    const names = [...envExample.matchAll(/^#(TBG_\w+)=/gm)].map(([, name]) => name)
    assert.deepStrictEqual(
      names,
      allRows.map(({ env }) => env)
    )
  })

  it("sets nothing until a line is uncommented", () => {
    assert.deepStrictEqual({ ...parseEnv(envExample) }, {})
  })
})
