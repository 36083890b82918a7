import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { parseEnv } from "node:util"
import { page, pageFile } from "../../scripts/configuration/Page.ts"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { allRows } from "../../src/layers/config/Table.ts"

/** The example of the page, with a secret in place of the command that creates one. */
const example = parseEnv(
  (/```sh\n([^`]+)```/.exec(page)?.[1] ?? "").replace("$(openssl rand -hex 32)", "5e".repeat(32))
)

const configured = (variables: NodeJS.Dict<string>) => Effect.scoped(Layer.build(AppConfig.layerFrom(variables)))

describe("docs/configuration.md", () => {
  it("matches the settings table; otherwise run npm run docs:configuration", () => {
    assert.strictEqual(readFileSync(pageFile, "utf8"), page)
  })

  it("has a row for every variable, once", () => {
    const rows = [...page.matchAll(/^\| `(TBG_\w+)` \|/gm)].map(([, name]) => name)
    assert.deepStrictEqual(
      rows,
      allRows.map(({ env }) => env)
    )
  })

  it("contains no character that breaks a table cell", () => {
    const columns = page
      .split("\n")
      .filter((line) => line.startsWith("| `TBG_"))
      .map((row) => row.split(/(?<!\\)\|/).length)
    assert.deepStrictEqual(new Set(columns), new Set([6]))
  })

  it.effect("has an example that passes the checks of production", () => configured(example))

  it.effect.each(["TBG_DATABASE_URL", "TBG_REDIS_URL", "TBG_SECRET_KEY", "TBG_PUBLIC_URL"])(
    "has an example that fails in production without %s",
    (variable) =>
      Effect.gen(function* () {
        const { problems } = yield* Effect.flip(configured({ ...example, [variable]: "" }))
        assert.deepStrictEqual(
          problems.map((problem) => problem.variable),
          [variable]
        )
      })
  )
})
