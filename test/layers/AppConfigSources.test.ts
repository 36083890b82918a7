import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { vi } from "vitest"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { envExample } from "../../scripts/configuration/EnvExample.ts"
import { configFrom } from "../support/ConfigFrom.ts"

/** Makes an empty folder the working directory until the scope closes. */
const emptyFolder = Effect.acquireRelease(
  Effect.sync(() => {
    const before = process.cwd()
    const folder = mkdtempSync(join(tmpdir(), "tbg-config-"))
    process.chdir(folder)
    return { before, folder }
  }),
  ({ before, folder }) =>
    Effect.sync(() => {
      process.chdir(before)
      rmSync(folder, { recursive: true })
      vi.unstubAllEnvs()
    })
)

const config = Effect.provide(
  Effect.map(AppConfig, (config) => config),
  AppConfig.layer
)

const entriesOf = (entries: AppConfig["Service"]["entries"], ...variables: ReadonlyArray<string>) =>
  entries.filter(({ variable }) => variables.includes(variable)).map(({ source, value }) => [value, source])

describe("the environment and .env", () => {
  it.effect("are both read, and the environment takes precedence", () =>
    Effect.gen(function* () {
      const { folder } = yield* emptyFolder
      writeFileSync(join(folder, ".env"), `TBG_PORT=9001 # ours\nTBG_HOST="127.0.0.1"\nexport TBG_BUILD_SHA=file\n`)
      vi.stubEnv("TBG_PORT", "9000")
      vi.stubEnv("TBG_HOST", "")
      const { entries } = yield* config
      assert.deepStrictEqual(entriesOf(entries, "TBG_BUILD_SHA", "TBG_HOST", "TBG_PORT", "TBG_MAX_IN_FLIGHT"), [
        ["file", ".env"],
        ["127.0.0.1", ".env"],
        ["9000", "environment"],
        ["1000", "default"]
      ])
    })
  )

  it.effect("need no file", () =>
    Effect.gen(function* () {
      yield* emptyFolder
      vi.stubEnv("TBG_PORT", "9000")
      const { http } = yield* config
      assert.strictEqual(http.port, 9000)
    })
  )

  it.effect("are rejected if the file cannot be read, together with other problems", () =>
    Effect.gen(function* () {
      const { folder } = yield* emptyFolder
      mkdirSync(join(folder, ".env"))
      vi.stubEnv("TBG_PORT", "x")
      const { message } = yield* Effect.flip(config)
      assert.deepStrictEqual(message.split("\n"), [
        ".env: found a file that cannot be read, expected a readable file, or none",
        `TBG_PORT: found "x", expected a whole number from 0 to 65535`
      ])
    })
  )

  it.effect("are read except for lines of .env that are not assignments, which get a warning", () =>
    Effect.gen(function* () {
      const { folder } = yield* emptyFolder
      writeFileSync(join(folder, ".env"), "\uFEFFTBG_BUILD_SHA=a#b\r\nTBG_HOST: localhost\r\n")
      const { buildSha, warnings } = yield* config
      assert.strictEqual(buildSha, "a#b")
      assert.deepStrictEqual(warnings, [".env: line 2 is not an assignment and has no effect"])
    })
  )

  it.effect("result in the defaults if the example is uncommented", () =>
    Effect.gen(function* () {
      const { folder } = yield* emptyFolder
      writeFileSync(join(folder, ".env"), envExample.replaceAll(/^#(?=TBG_)/gm, ""))
      const fromExample = yield* config
      const byDefault = yield* configFrom({})
      assert.deepStrictEqual(
        fromExample.entries.map(({ value }) => value),
        byDefault.entries.map(({ value }) => value)
      )
      assert.deepStrictEqual(fromExample.warnings, [])
    })
  )
})

describe("an unknown variable", () => {
  const warningsOf = (...names: ReadonlyArray<string>) =>
    Effect.map(configFrom(Object.fromEntries(names.map((name) => [name, "x"]))), ({ warnings }) => warnings)

  for (const [name, nearest] of [
    ["TBG_PROT", "TBG_PORT"],
    ["TBG_DATABSE_URL", "TBG_DATABASE_URL"],
    ["TBG_RATE_LIMIT_REQUEST", "TBG_RATE_LIMIT_REQUESTS"],
    ["TBG_CORS_ORIGIN", "TBG_CORS_ORIGINS"],
    ["TBG_SECRETKEY", "TBG_SECRET_KEY"]
  ] as const) {
    it.effect(`gets the nearest known name: ${name}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* warningsOf(name), [`${name}: no such variable; did you mean ${nearest}?`])
      })
    )
  }

  it.effect("gets no name if none is near", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warningsOf("TBG_FLUX_CAPACITOR"), ["TBG_FLUX_CAPACITOR: no such variable"])
    })
  )

  it.effect("with another prefix or of the tests is ignored", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warningsOf("TBG_TEST_DATABASE_URL", "PATH", "NOT_TBG_PORT", "TBGX"), [])
    })
  )
})
