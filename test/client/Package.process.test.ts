import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, statSync } from "node:fs"
import { symlink, writeFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { rolldown } from "rolldown"
import entries from "../../clients/typescript/rolldown.config.ts"
import { commandResult } from "../support/CommandResult.ts"
import { httpStub } from "../support/HttpStub.ts"
import { guard } from "../support/throwaway/Guard.ts"
import { repository } from "../support/Yaml.ts"

const runNode = Effect.fnUntraced(function* (args: ReadonlyArray<string>, cwd: string) {
  const { code, stderr, stdout } = yield* commandResult(process.execPath, args, { cwd })
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" }, stdout)
  return stdout
})

/** Packs the package with npm, and installs it in a temporary folder. */
const installPackage = Effect.fnUntraced(function* () {
  const { folder } = yield* guard({})
  yield* runNode(["scripts/client.ts"], repository)
  const packed = yield* commandResult("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: join(repository, "clients", "typescript")
  })
  const archive = join(folder, packed.stdout.trim())
  yield* Effect.promise(() => writeFile(join(folder, "package.json"), '{"type":"module"}'))
  yield* commandResult("npm", ["install", "--offline", archive], { cwd: folder })
  return { folder, bytes: statSync(archive).size }
})

/** Compiles programs in strict mode, and runs the first. */
const outputOf = Effect.fnUntraced(function* (folder: string, programs: ReadonlyArray<string>) {
  const files = programs.map((_, index) => `program${index}.mts`)
  yield* Effect.forEach(programs, (program, index) =>
    Effect.promise(() => writeFile(join(folder, `program${index}.mts`), program))
  )
  const tsc = join(repository, "node_modules", "typescript", "bin", "tsc")
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--lib", "es2024,dom"]
  yield* runNode([tsc, ...flags, ...files], folder)
  return yield* runNode(["program0.mts"], folder)
})

const limited = httpStub((response) => {
  const headers = { "content-type": "application/problem+json", "retry-after": "7", "x-request-id": "r-1" }
  response.writeHead(429, headers).end('{"code":"RATE_LIMITED","detail":"Rate limit exceeded."}')
})

const withEffect = (url: string) => `
import { Effect } from "effect"
import { TbgClient } from "@tbg/client"

const program = Effect.gen(function* () {
  const client = yield* TbgClient
  return yield* client.Posts.create({ params: { team: "demo" }, payload: { author_name: "Hal", content: "Hi" } })
}).pipe(
  Effect.map(({ body }) => body.post.author_name satisfies string),
  Effect.catchTag("RateLimited", (error) =>
    Effect.succeed([error.status, error.code satisfies "RATE_LIMITED", error.requestId, error.retryAfter].join(" "))
  ),
  Effect.provide(TbgClient.layer({ baseUrl: ${JSON.stringify(url)}, longestWait: "1 second" }))
)
console.log(await Effect.runPromise(program))
`

const withPromises = (url: string) => `
import { createClient, isApiError, paginate } from "@tbg/client/promise"

const client = createClient({ baseUrl: ${JSON.stringify(url)}, apiKey: "key", longestWait: 1000 })
try {
  const pages = paginate((cursor) => client.Posts.list({ params: { team: "demo" }, query: { limit: 1, ...cursor } }))
  for await (const { posts } of pages) console.log(posts.map(({ author_name }) => author_name satisfies string))
} catch (error) {
  if (!isApiError(error)) throw error
  if (error.code === "RATE_LIMITED") console.log(error.status, error.code, error.requestId, error.retryAfter)
}
`

describe("the package @tbg/client", () => {
  it.live("contains no server code, and bundles effect only for promises", () =>
    Effect.gen(function* () {
      for (const entry of entries) {
        const { output } = yield* Effect.promise(async () => (await rolldown(entry)).generate({ format: "esm" }))
        const chunks = output.filter((file) => file.type === "chunk")
        const modules = chunks.flatMap(({ moduleIds }) => moduleIds.map((id) => relative(repository, id)))
        const allowed =
          /^(clients\/typescript\/src\/|src\/domain\/|src\/http\/(api\/|Error(?:s|Codes)\.ts)|node_modules\/effect\/)/u
        assert.deepStrictEqual(
          modules.filter((id) => !allowed.test(id)),
          []
        )
        const imports = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
        const expected =
          entry.external === undefined ? [] : ["effect", "effect/encoding", "effect/http", "effect/http-api"]
        assert.sameMembers(imports, expected)
      }
    })
  )

  it.live("is smaller than 100 kB, and works with Effect and with promises", () =>
    Effect.gen(function* () {
      const { url } = yield* limited
      const { bytes, folder } = yield* installPackage()
      assert.isBelow(bytes, 100_000)
      assert.strictEqual(yield* outputOf(folder, [withPromises(url)]), "429 RATE_LIMITED r-1 7\n")
      const effect = ["node_modules", "effect"]
      yield* Effect.promise(() => symlink(join(repository, ...effect), join(folder, ...effect)))
      const page = readFileSync(join(repository, "docs/client.md"), "utf8")
      const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, example = ""]) => example)
      assert.lengthOf(examples, 4)
      const output = yield* outputOf(folder, [withEffect(url), ...examples])
      assert.strictEqual(output, "429 RATE_LIMITED r-1 7\n")
    })
  )

  it("has the version of the service", () => {
    const [service, client] = ["package.json", "clients/typescript/package.json"].map((path) =>
      /"version": "(.*)"/u.exec(readFileSync(join(repository, path), "utf8"))
    )
    assert.strictEqual(client?.[1], service?.[1])
  })
})
