import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Command } from "effect/cli"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Tbg } from "../../src/cli/Tbg.ts"
import { allRows } from "../../src/layers/config/Table.ts"
import { markdownPages, repository } from "../support/MarkdownPages.ts"

const Package = Schema.fromJsonString(Schema.Struct({ scripts: Schema.Record(Schema.String, Schema.String) }))
const { scripts } = Schema.decodeUnknownSync(Package)(readFileSync(join(repository, "package.json"), "utf8"))

const makefile = readFileSync(join(repository, "Makefile"), "utf8")
const targets = new Set([...makefile.matchAll(/^([a-z][\w-]*):/gm)].map(([, target]) => target))

/** A word that names something: not a flag, value, variable or placeholder. */
const word = "[a-z][a-z0-9:|-]*"
/** Text that may precede a command: the start of the line, a prompt, or another command. */
const before = String.raw`(?:^|[$;&|(!] ?|\bexec )(?:[A-Z_]+=\S+ )*`
const named = (program: string, words: string) => new RegExp(`${before}${program}((?: ${word})${words})`, "g")

/** Every use of a program in a page, as the words that follow it. */
const usesIn = (code: string, pattern: RegExp): ReadonlyArray<ReadonlyArray<string>> =>
  [...code.matchAll(pattern)].map(([, words = ""]) => words.split(" ").filter((word) => word !== ""))

const scriptsNamed = named("npm run(?: --silent)?", "")
const targetsNamed = named("make(?: -s)?", "*")
const subcommandsNamed = named("(?:npx |npm run tbg -- |npm run --silent tbg -- )?tbg", "{1,2}")

const below = (command: Command.Command.Any): ReadonlyArray<Command.Command.Any> =>
  command.subcommands.flatMap(({ commands }) => commands)

/** Whether `tbg` has these nested commands. `up|down` means each of them; a word that is not a command is a value. */
const isCommand = (command: Command.Command.Any, [first, ...rest]: ReadonlyArray<string>): boolean => {
  if (first === undefined || below(command).length === 0) return true
  return first.split("|").every((name) => {
    const found = below(command).find((candidate) => candidate.name === name)
    return found !== undefined && isCommand(found, rest)
  })
}

/** Variables that compose files, manifests and scripts read in addition to the settings. */
const deployed = ["compose.yaml", "Makefile", ...globSync("deploy/**/*.{yaml,yml,sh}", { cwd: repository })].flatMap(
  (path) => [...readFileSync(join(repository, path), "utf8").matchAll(/\bTBG_[A-Z_]*[A-Z]\b/g)].map(([name]) => name)
)

const pages = markdownPages()

/** The pages and uses for which `exists` is false. */
const unknown = (pattern: RegExp, exists: (words: ReadonlyArray<string>) => boolean): ReadonlyArray<string> =>
  pages.flatMap(({ code, path }) =>
    code
      .flatMap((line) => usesIn(line, pattern))
      .filter((words) => !exists(words))
      .map((words) => `${path}: ${words.join(" ")}`)
  )

describe("the Markdown pages", () => {
  it("name npm scripts that exist in package.json", () => {
    assert.deepStrictEqual(
      unknown(scriptsNamed, ([script = ""]) => script in scripts),
      []
    )
  })

  it("name targets that exist in the Makefile", () => {
    assert.deepStrictEqual(
      unknown(targetsNamed, (words) => words.every((target) => targets.has(target))),
      []
    )
  })

  it("name commands that tbg has", () => {
    assert.deepStrictEqual(
      unknown(subcommandsNamed, (words) => isCommand(Tbg, words)),
      []
    )
  })

  it("name variables that the service or its deployment reads", () => {
    const known = new Set([...allRows.map(({ env }) => env), ...deployed])
    const missing = pages.flatMap(({ code, path, prose }) =>
      [...[prose, ...code].join("\n").matchAll(/\bTBG_(?!TEST_)[A-Z_]*[A-Z]\b(?![_*…])/g)]
        .filter(([name]) => !known.has(name))
        .map(([name]) => `${path}: ${name}`)
    )
    assert.deepStrictEqual([...new Set(missing)], [])
  })
})

describe("a command in a page", () => {
  it("is found alone, after a prompt, a variable and another command", () => {
    const lines = [
      "make lint typecheck",
      "$ TBG_PORT=1 make start",
      "cd x && make test",
      "to make teams",
      "make seed POSTS=1"
    ]
    assert.deepStrictEqual(
      lines.flatMap((line) => usesIn(line, targetsNamed)),
      [["lint", "typecheck"], ["start"], ["test"], ["seed"]]
    )
  })

  it("is recognized as a tbg command only if each word is", () => {
    const known = ["migrate up|down", "keys create", "limits reset", "serve", "openapi"]
    const unknown = ["migrate sideways", "migrate up|sideways", "key create", "start"]
    assert.deepStrictEqual(
      [...known, ...unknown].filter((words) => isCommand(Tbg, words.split(" "))),
      known
    )
  })
})
