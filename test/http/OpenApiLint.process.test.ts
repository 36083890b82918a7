import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { commandResult } from "../support/CommandResult.ts"
import { guard } from "../support/throwaway/Guard.ts"
import { repository } from "../support/Yaml.ts"

describe("the OpenAPI documents for readers", () => {
  it.live.each(["all", "v1"] as const)("pass the linter: %s", (surface) =>
    Effect.gen(function* () {
      const { folder } = yield* guard({})
      const file = join(folder, "openapi.json")
      yield* Effect.promise(() =>
        writeFile(file, JSON.stringify(openApiDocument(surface, { title: "The Bitcoin Game API", version: "1.2.3" })))
      )
      const cli = join(repository, "node_modules", "@redocly", "cli", "bin", "cli.js")
      const args = [cli, "lint", file, "--config", join(repository, "redocly.yaml"), "--format", "json"]
      const env = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" }
      const { code, stdout } = yield* commandResult(process.execPath, args, { env, cwd: folder })
      assert.deepStrictEqual(Object(JSON.parse(stdout)).problems, [])
      assert.strictEqual(code, 0)
    })
  )
})
