import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { commandResult } from "../support/CommandResult.ts"
import { repository } from "../support/Yaml.ts"
import { guard } from "../support/throwaway/Guard.ts"

/** Arguments and `TBG_HOST` that `make start` passes to `tbg`, in a folder with this `.env`. */
const hostOf = Effect.fnUntraced(function* (environment: Record<string, string>, file: string) {
  const { folder } = yield* guard({})
  copyFileSync(join(repository, "Makefile"), join(folder, "Makefile"))
  for (const name of ["bin", "node_modules"]) mkdirSync(join(folder, name))
  writeFileSync(join(folder, "package-lock.json"), "")
  writeFileSync(join(folder, "node_modules/.package-lock.json"), "")
  writeFileSync(join(folder, "bin/find-node.js"), `console.log(process.execPath)`)
  writeFileSync(join(folder, "bin/tbg.js"), `console.log(process.argv.slice(2).join(" "), process.env.TBG_HOST)`)
  writeFileSync(join(folder, ".env"), file)
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...environment }
  const { stdout } = yield* commandResult("make", ["--no-print-directory", "start"], { cwd: folder, env })
  return stdout.trim()
})

describe("make start", () => {
  it.live.each([
    ["on loopback by default", {}, "TBG_PORT=8001\n", "serve --demo 127.0.0.1"],
    ["on TBG_HOST", { TBG_HOST: "::1" }, "", "serve --demo ::1"],
    ["on the address in .env", {}, "# here\nTBG_HOST=10.0.0.1\n", "serve --demo undefined"],
    ["on the exported address in .env", {}, "export TBG_HOST = 10.0.0.1\n", "serve --demo undefined"]
  ] as const)("listens %s", ([, environment, file, expected]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* hostOf(environment, file), expected)
    })
  )
})
