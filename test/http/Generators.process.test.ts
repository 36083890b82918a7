import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFile, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { currentFile } from "../../scripts/openapi/Document.ts"
import { commandResult } from "../support/CommandResult.ts"
import { guard } from "../support/throwaway/Guard.ts"

const root = join(import.meta.dirname, "..", "..")
const packages = join(root, "node_modules")

/** Generates clients of `openapi.json`, each in its folder. */
const generators = [
  ["openapi-typescript/bin/cli.js", "openapi.json", "-o", "typescript.ts"],
  ["orval/dist/bin/orval.mjs", "--input", "openapi.json", "--output", "orval.ts", "--client", "fetch"],
  ["@hey-api/openapi-ts/bin/run.js", "-i", "openapi.json", "-o", "hey", "-c", "@hey-api/client-fetch"]
] as const

/** Uses each generated client: an integer parameter, a success, and an error. */
const program = `import createClient from "openapi-fetch"
import { postsList } from "./hey"
import { postsList as list } from "./orval"
import type { paths } from "./typescript"

const team = "demo"
const fetched = await createClient<paths>({ baseUrl: "/" }).GET("/v1/teams/{team}/posts", {
  params: { path: { team }, query: { limit: 5 } }
})
export const first: string | undefined = fetched.data?.posts[0]?.timestamp
export const requestId: string | undefined = fetched.error?.details.request_id

const sent = await postsList({ path: { team }, query: { limit: 5 }, headers: {} })
export const total: number | undefined = sent.data?.total
export const code: "NOT_FOUND" | string | undefined = sent.error?.code

const listed = await list(team, { limit: 5 })
export const cursor: string | null = listed.status === 200 ? listed.data.next_cursor : listed.data.code
`

const config = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: "es2023",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2023", "dom", "dom.iterable"],
    types: []
  },
  files: ["program.ts"]
}

describe("generators of clients", () => {
  it.live(
    "read the OpenAPI document without a warning, and their output compiles under strict",
    () =>
      Effect.gen(function* () {
        const { folder } = yield* guard({})
        const run = (cli: string, ...args: ReadonlyArray<string>) =>
          commandResult(process.execPath, [join(packages, cli), ...args], {
            cwd: folder,
            env: { NO_COLOR: "1", NODE_OPTIONS: `--import=${join(root, "test", "support", "typescript5.ts")}` }
          })
        yield* Effect.promise(async () => {
          await symlink(packages, join(folder, "node_modules"))
          await writeFile(join(folder, "openapi.json"), await readFile(currentFile))
          await writeFile(join(folder, "program.ts"), program)
          await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config))
        })
        const results = yield* Effect.forEach(generators, ([cli, ...args]) => run(cli, ...args), {
          concurrency: "unbounded"
        })
        for (const { code, stderr, stdout } of results) {
          assert.strictEqual(code, 0, stderr + stdout)
          assert.notMatch(stderr + stdout, /warn|deprecat|invalid|⚠/iu)
        }
        const compiler = join(packages, "typescript", "bin", "tsc")
        const { code, stdout } = yield* commandResult(process.execPath, [compiler], { cwd: folder })
        assert.strictEqual(stdout, "")
        assert.strictEqual(code, 0)
      }),
    20_000
  )
})
