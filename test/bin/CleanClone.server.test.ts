import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { commandResult } from "../support/CommandResult.ts"
import { cleanClone } from "../support/CleanClone.ts"
import { markdownPages } from "../support/MarkdownPages.ts"

const embedded = "export TBG_DATABASE_URL=embedded:.data TBG_PORT=0;"

/** Commands in the pages, and how this test runs each of them. */
const commands: ReadonlyArray<readonly [inPage: string, here: string]> = [
  ["npx tbg", "npx tbg --version"],
  ["npm run tbg --", "npm run tbg -- --version"],
  ["npx tbg doctor", "npx tbg doctor"],
  [
    "npx tbg migrate up && npx tbg teams create miners && npx tbg keys create --team miners",
    `${embedded} npx tbg migrate up && npx tbg teams create miners && npx tbg keys create --team miners`
  ],
  ["npx tbg migrate new verb_noun", "npx tbg migrate new verb_noun && rm migrations/*_verb_noun.ts"],
  ["npx tbg migrate down", `${embedded} npx tbg migrate down --yes`],
  ["npm run openapi", "npm run openapi"],
  ["npm run docs:faults", "npm run docs:faults"],
  ["npm run build", "npm run build"],
  ["npm test -- test/services/Readiness.test.ts", "npm test -- test/services/Readiness.test.ts"]
]

/** Commands in the pages that this test does not run, and the reason. */
const notRun = new Map([
  ["npm test -- test/faults", "runs other tests of this suite"],
  ["npm run openapi -- --release", "changes what callers were promised"],
  ["npm run env:example", "starts like npm run openapi, and a test compares its file"],
  ["npm run docs:configuration", "starts like npm run openapi, and a test compares its page"],
  ["npm audit --omit=dev", "needs the registry"],
  ["npm install @tbg/client", "needs the registry; test/client installs the packed package"],
  ["npm install @tbg/client effect@4.1.0", "needs the registry; test/client installs the packed package"],
  ["npm run own-tables", "a test compares its file with what the migrations create"],
  ["npm run screenshots", "needs Chromium; test/page shows the same pages"],
  ["node bench/run.ts page", "is a benchmark"],
  ["node bench/live.ts 200 300 50 35", "is a benchmark"],
  ["npm run build:client", "test/client builds and uses the client"],
  ["npm pack", "test/client builds and uses the client"],
  ["npm ci", "is a step of the Dockerfile"]
])

/** `timeout` ends `npm run dev`, which waits for a change; macOS has none. */
const hasTimeout = (await Effect.runPromise(commandResult("timeout", ["--version"]))).code === 0

describe("a command in the documentation", () => {
  it("is run by a test on Node.js 20, or listed with the reason why not", () => {
    const known = new Set([...commands.map(([inPage]) => inPage), ...notRun.keys()])
    const found = markdownPages().flatMap(({ code, path }) =>
      code
        .map((line) => line.replace(/^\$ /u, "").replace(/ +#.*$/u, ""))
        .filter((line) => /^(?:npx|npm|node) (?!bin\/on-node\.js)/u.test(line) && !known.has(line))
        .map((line) => `${path}: ${line}`)
    )
    assert.deepStrictEqual(found, [])
  })

  it.live(
    "works in a clean clone on Node.js 20",
    () =>
      Effect.gen(function* () {
        const { folder, run } = yield* cleanClone({ node: "20", isInstalled: true })
        const before = readFileSync(join(folder, "openapi.json"), "utf8")
        for (const [, command] of commands) {
          const { code, output } = yield* run(command)
          assert.strictEqual(code, 0, `${command}\n${output}`)
        }
        assert.strictEqual(readFileSync(join(folder, "openapi.json"), "utf8"), before)
        for (const command of ["npm start", "make -s start", ...(hasTimeout ? ["timeout 5 npm run dev"] : [])]) {
          // An invalid setting proves that the service itself ran; `dev` keeps running after it.
          const { output } = yield* run(`export TBG_PORT=none; ${command}`)
          assert.include(output, "TBG_PORT", command)
        }
      }),
    180_000
  )
})

describe("a clone without packages", () => {
  it.live("gets a hint to run `make install` from each command that needs packages", () =>
    Effect.gen(function* () {
      const { run } = yield* cleanClone({ node: "20", isInstalled: false })
      for (const command of ["npx tbg doctor", "npm start", "npm run dev", "npm run openapi", "npm test"]) {
        const { code, output } = yield* run(`${command} 2>&1`)
        assert.include(output, "run `make install` first", command)
        assert.notInclude(output, "    at ")
        assert.strictEqual(code, 69)
      }
    })
  )

  it.live("reports a missing Node.js in one line", () =>
    Effect.gen(function* () {
      const { run } = yield* cleanClone({ node: "none", isInstalled: false })
      const { output } = yield* run("make -s start 2>&1")
      const [first, ...rest] = output.trim().split("\n")
      assert.strictEqual(first, "make: needs Node.js 20 or later with npm: https://nodejs.org/en/download")
      assert.lengthOf(rest, 1)
      assert.match(rest[0] ?? "", /^make: \*\*\* /u)
    })
  )
})

describe("an installation", () => {
  const installed = Effect.fnUntraced(function* (npm: string) {
    const { folder, run } = yield* cleanClone({ node: "20", isInstalled: false })
    writeFileSync(join(folder, "npm"), `#!/bin/sh\n${npm}\n`, { mode: 0o755 })
    return yield* run("PATH=$PWD:$PATH make -s install 2>&1")
  })

  it.live("reports progress at least every five seconds", () =>
    Effect.gen(function* () {
      const { code, output } = yield* installed("sleep 4.5; mkdir node_modules")
      assert.strictEqual(code, 0)
      assert.match(output, /^installing packages …\ninstalling packages … 4 s\ninstalling packages: done in \d+ s\n$/u)
    })
  )

  it.live("shows npm's own reason if it fails", () =>
    Effect.gen(function* () {
      const { code, output } = yield* installed("echo 'npm error code E404' >&2; exit 1")
      assert.strictEqual(code, 2)
      assert.include(output, "npm error code E404\ninstalling packages: failed; npm's reason is above\n")
    })
  )

  it.live("downloads the package of Node.js for the platform, which needs no scripts", () =>
    Effect.gen(function* () {
      const { folder, run } = yield* cleanClone({ node: "20", isInstalled: false })
      rmSync(join(folder, ".toolchain"), { recursive: true })
      writeFileSync(join(folder, "npm"), '#!/bin/sh\necho "arguments: $*" >&2; exit 1\n', { mode: 0o755 })
      const { code, output } = yield* run("PATH=$PWD:$PATH make -s install 2>&1")
      assert.strictEqual(code, 2)
      assert.match(
        output,
        /^Node\.js 20\.20\.0 is older than .*\ninstalling Node\.js 26\.\d+\.\d+ into \.toolchain\/ …\n/u
      )
      assert.match(
        output,
        new RegExp(`arguments: install .* node(-bin)?-${process.platform}-${process.arch}@26\\.`, "u")
      )
      assert.include(output, "yourself: https://nodejs.org/en/download\n")
    })
  )
})
