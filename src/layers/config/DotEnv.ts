import { isUtf8 } from "node:buffer"
import { existsSync, readFileSync } from "node:fs"
import type { Problem } from "./Row.ts"

export type Variables = Readonly<Record<string, string | undefined>>

export interface DotEnv {
  readonly variables: Variables
  readonly warnings: ReadonlyArray<string>
  readonly problems: ReadonlyArray<Problem>
}

export const noFile: DotEnv = { variables: {}, warnings: [], problems: [] }

const space = String.raw`[^\S\n]`
const key = String.raw`'(?<quotedKey>[^']+)'|(?<key>[^'=#\s][^=#\s]*)`
const quoted = String.raw`'(?<single>(?:\\.|[^'\\])*)'|"(?<double>(?:\\.|[^"\\])*)"`
const plain = String.raw`(?<plain>(?![^\S\n]|['"])[^\n]*)`
const value = String.raw`(?<equals>=)(?:${space}+(?=#)|${space}*(?:${quoted}|${plain}))`
const statement = String.raw`(?<indent>\s*)(?:(?:export${space}+)?(?:${key})${space}*(?:${value})?)?(?:${space}*#[^\n]*)?`
const end = String.raw`${space}*(?:\n|$)|(?<rest>[^\n]*)`

const escapes: Variables = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }

const valueIn = ({ double, plain = "", single }: Variables): string =>
  single?.replaceAll(/\\([\\'])/g, "$1") ??
  double?.replaceAll(/\\([\\'"abfnrtv])/g, (_, letter: string) => escapes[letter] ?? letter) ??
  plain.replace(/\s+#.*/s, "").trimEnd()

/** Parses text like python-dotenv, which the replaced service used. */
export const parseDotEnv = (text: string, environment: Variables): DotEnv => {
  const lines = text.replaceAll(/\r\n?/g, "\n")
  const inherited = new Map(Object.entries(environment))
  const variables = new Map<string, string>()
  const warnings: Array<string> = []
  for (const { groups = {}, index } of lines.matchAll(new RegExp(`${statement}(?:${end})`, "gs"))) {
    const name = groups["key"] ?? groups["quotedKey"]
    if (groups["rest"] !== undefined || (name !== undefined && groups["equals"] === undefined)) {
      const before = lines.slice(0, index + (groups["indent"] ?? "").length)
      warnings.push(`.env: line ${before.split("\n").length} is not an assignment and has no effect`)
    } else if (name !== undefined) {
      const expand = (_: string, name: string, otherwise = "") =>
        variables.get(name) ?? inherited.get(name) ?? otherwise
      variables.set(name, valueIn(groups).replaceAll(/\$\{([^}:]*)(?::-([^}]*))?\}/g, expand))
    }
  }
  return { variables: Object.fromEntries(variables), warnings, problems: [] }
}

const unusable = (found: string, expected: string): DotEnv => ({
  ...noFile,
  problems: [{ variable: ".env", found, expected }]
})

/** Reads an optional `.env` file and skips its byte order mark. */
export const readDotEnv = (path: string, environment: Variables): DotEnv => {
  if (!existsSync(path)) return noFile
  let bytes
  try {
    bytes = readFileSync(path)
  } catch {
    return unusable("a file that cannot be read", "a readable file, or none")
  }
  if (!isUtf8(bytes) || bytes.includes(0)) return unusable("UTF-16 or another encoding", "a file in UTF-8")
  return parseDotEnv(new TextDecoder().decode(bytes), environment)
}
