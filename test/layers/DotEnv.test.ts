import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseDotEnv, readDotEnv } from "../../src/layers/config/DotEnv.ts"

const environment = { HOME: "/home/tbg", SHARED: "environment" }

/** Files, and the variables that python-dotenv 1.2.4 reads from them. */
const files: ReadonlyArray<readonly [title: string, text: string, variables: Record<string, string>]> = [
  ["keeps a # inside an unquoted value", "A=a#b", { A: "a#b" }],
  ["ends an unquoted value at a # after a space", "A=a#b # c", { A: "a#b" }],
  ["reads a comment to the end of its line, past a line separator", "A=b # c\u2028d", { A: "b" }],
  ["reads a comment after = and a space as an empty value", "A= # c\nB=#c", { A: "", B: "#c" }],
  ["keeps a # and line breaks inside quotes", `A="a # b\nc" # d`, { A: "a # b\nc" }],
  ["decodes escapes in double quotes", String.raw`A="\"a\"\t\\n\x"`, { A: `"a"\t\\n\\x` }],
  [
    "decodes only quotes and backslashes in single quotes",
    String.raw`A='it\'s \n \\'`,
    { A: String.raw`it's \n \ `.trim() }
  ],
  ["ignores export and spaces around =", "export A = a b \n\tB=1", { A: "a b", B: "1" }],
  ["reads quoted names", "'A B'=1", { "A B": "1" }],
  [
    "expands variables of the file before those of the environment",
    "SHARED=file\nA=${SHARED}:${HOME}",
    { SHARED: "file", A: "file:/home/tbg" }
  ],
  ["expands an unset variable to its default, or to nothing", "A=${NONE:-x}${NONE}\nB=$HOME", { A: "x", B: "$HOME" }],
  ["reads CRLF and CR as line breaks", "A=1\r\nB='2\r\n3'\rC=4", { A: "1", B: "2\n3", C: "4" }],
  ["takes the last of repeated assignments", "A=1\nA=2", { A: "2" }],
  [
    "reads names of object members as variables",
    "__proto__=1\nA=${constructor}",
    JSON.parse(`{"__proto__":"1","A":""}`)
  ],
  ["skips empty lines and comments", "\n  # A=1\n\n", {}]
]

describe("parseDotEnv", () => {
  for (const [title, text, variables] of files) {
    it(title, () => {
      assert.deepStrictEqual(parseDotEnv(text, environment), { variables, warnings: [], problems: [] })
    })
  }

  it("warns with the number of each line that is not an assignment, and reads the others", () => {
    const { variables, warnings } = parseDotEnv(`A=1\n\nB: 2\n=3\nC\nD="4\nE="5\n6" 7\nF=8\n`, {})
    assert.deepStrictEqual(variables, { A: "1", F: "8" })
    assert.deepStrictEqual(
      warnings,
      [3, 4, 5, 6, 8].map((line) => `.env: line ${line} is not an assignment and has no effect`)
    )
  })
})

describe("readDotEnv", () => {
  const read = (content: Uint8Array) => {
    const folder = mkdtempSync(join(tmpdir(), "tbg-dotenv-"))
    try {
      writeFileSync(join(folder, ".env"), content)
      return readDotEnv(join(folder, ".env"), {})
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it("skips a byte order mark", () => {
    assert.deepStrictEqual(read(Buffer.from("\uFEFFA=1\n")).variables, { A: "1" })
  })

  it.each([
    ["UTF-16 with a byte order mark", Buffer.from("\uFEFFA=1\n", "utf16le")],
    ["UTF-16 without one", Buffer.from("A=1\n", "utf16le")],
    ["Latin-1", Buffer.from("A=\u00e9\n", "latin1")]
  ])("rejects %s", (_, content) => {
    assert.deepStrictEqual(read(content).problems, [
      { variable: ".env", found: "UTF-16 or another encoding", expected: "a file in UTF-8" }
    ])
  })
})
