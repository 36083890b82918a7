import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { cp, mkdir, symlink, writeFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { rolldown } from "rolldown"
import config from "../../rolldown.client.config.ts"
import { commandResult } from "../support/CommandResult.ts"
import { httpStub, json } from "../support/HttpStub.ts"
import { guard } from "../support/throwaway/Guard.ts"

const root = join(import.meta.dirname, "..", "..")

const decodeExports = Schema.decodeUnknownSync(
  Schema.fromJsonString(
    Schema.Struct({
      exports: Schema.Struct({ "./client": Schema.Struct({ types: Schema.String, default: Schema.String }) })
    })
  )
)
const packageFile = readFileSync(join(root, "package.json"), "utf8")
const client = decodeExports(packageFile).exports["./client"]

const bundle = async () => {
  const { output } = await (await rolldown(config)).generate({ format: "esm" })
  const chunks = output.filter((file) => file.type === "chunk")
  return {
    code: chunks.map(({ code }) => code).join("\n"),
    modules: chunks.flatMap(({ moduleIds }) => moduleIds.map((id) => relative(root, id))),
    imports: chunks.flatMap(({ dynamicImports, imports }) => [...imports, ...dynamicImports])
  }
}

const tsc = (args: ReadonlyArray<string>, cwd: string) =>
  commandResult(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), ...args], { cwd })

/** A program beside the package as npm would have installed it. */
const program = (url: string) => `
import { Effect } from "effect"
import { NotFound, TbgClient } from "tbg-api/client"

const status = TbgClient.pipe(
  Effect.flatMap(({ calls }) => calls.Health.health()),
  Effect.map(({ status }) => status satisfies "healthy"),
  Effect.provide(TbgClient.layer({ baseUrl: ${JSON.stringify(url)} }))
)
console.log(await Effect.runPromise(status), NotFound.name)
`

describe("the package tbg-api/client", () => {
  it.live("has nothing of the server in it", () =>
    Effect.gen(function* () {
      const { imports, modules } = yield* Effect.promise(bundle)
      assert.include(modules, "src/client/TbgClient.ts")
      assert.deepStrictEqual(
        modules.filter((id) => !/^src\/(client\/|domain\/|http\/api\/|http\/Error(?:s|Codes)\.ts$)/u.test(id)),
        []
      )
      assert.deepStrictEqual(
        imports.filter((name) => !/^effect(?:\/(?:http|http-api))?$/u.test(name)),
        []
      )
    })
  )

  it.live("is JavaScript with types to a program that installs it", () =>
    Effect.gen(function* () {
      const { folder } = yield* guard({})
      const { url } = yield* httpStub(json({ status: "healthy" }))
      const installed = join(folder, "node_modules", "tbg-api")
      const { code } = yield* Effect.promise(bundle)
      yield* Effect.promise(async () => {
        await mkdir(join(installed, client.default, ".."), { recursive: true })
        await writeFile(join(installed, client.default), code)
        await cp(join(root, "package.json"), join(installed, "package.json"))
        await symlink(join(root, "node_modules", "effect"), join(folder, "node_modules", "effect"))
        await writeFile(join(folder, "package.json"), '{"type":"module"}')
        await writeFile(join(folder, "program.mts"), program(url))
      })
      const types = join(installed, client.types, "..", "..")
      const emitted = yield* tsc(["-p", join(root, "tsconfig.client.json"), "--outDir", types], root)
      assert.deepStrictEqual({ code: emitted.code, said: emitted.stdout }, { code: 0, said: "" })
      const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--lib", "es2024,dom"]
      const checked = yield* tsc([...flags, "program.mts"], folder)
      assert.deepStrictEqual({ code: checked.code, said: checked.stdout }, { code: 0, said: "" })
      const run = yield* commandResult(process.execPath, ["program.mts"], { cwd: folder })
      assert.deepStrictEqual(run, { code: 0, stdout: "healthy NotFound\n", stderr: "" })
    })
  )
})
