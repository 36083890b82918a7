import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"

export const repository = join(import.meta.dirname, "..", "..")

/** Folders of dependencies, builds and test runs. */
const foreign = new Set(["node_modules", "dist", "coverage", "test-results"])

const pathsIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return entry.name === ".git" || entry.name === ".toolchain" || foreign.has(entry.name) ? [] : pathsIn(path)
    return entry.name.endsWith(".md") ? [path] : []
  })

/** Content of fenced code blocks and backticks. */
const fences = /^ *(`{3,}|~{3,})[^\n]*\n([\s\S]*?)^ *\1[^\n]*$/gm
const spans = /(?<!`)(`+)(?!`)([^\n]*?[^\n`])\1(?!`)/g

export interface MarkdownPage {
  /** Path from the root of the repository. */
  readonly path: string
  /** Text without code, for links and headings. */
  readonly prose: string
  /** Lines of code blocks, and code spans. */
  readonly code: ReadonlyArray<string>
}

const pageAt = (path: string): MarkdownPage => {
  const text = readFileSync(path, "utf8")
  const unfenced = text.replace(fences, "")
  return {
    path: relative(repository, path),
    prose: unfenced,
    code: [
      ...[...text.matchAll(fences)].flatMap(([, , lines = ""]) => lines.split("\n")),
      ...[...unfenced.matchAll(spans)].map(([, , span = ""]) => span)
    ]
  }
}

/** Every page of the repository. */
export const markdownPages = (): ReadonlyArray<MarkdownPage> => pathsIn(repository).map(pageAt)

/** Targets of links and images, inline and by reference, outside code. */
export const targetsOf = ({ prose }: MarkdownPage): ReadonlyArray<string> => {
  const text = prose.replace(spans, "")
  return [
    /\]\(<?([^()\s>]+)>?(?:\s+"[^"]*")?\)/g,
    /^\[[^\]]+\]:\s*<?([^\s>]+)>?/gm,
    /<(?:a|img|source)\b[^>]*\b(?:href|src|srcset)="([^"]+)"/g
  ].flatMap((link) => Array.from(text.matchAll(link), ([, target = ""]) => target))
}

/** Anchors of a page's headings as on GitHub: repeated ones have a number. */
export const anchorsOf = ({ prose }: MarkdownPage): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const [, heading = ""] of prose.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    const anchor = text.replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "").replaceAll(" ", "-")
    let numbered = anchor
    for (let number = 1; anchors.has(numbered); number++) numbered = `${anchor}-${number}`
    anchors.add(numbered)
  }
  for (const [, id = ""] of prose.matchAll(/<a\b[^>]*\b(?:id|name)="([^"]+)"/g)) anchors.add(id)
  return anchors
}
