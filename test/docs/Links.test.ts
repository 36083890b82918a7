import { assert, describe, it } from "@effect/vitest"
import { existsSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { anchorsOf, markdownPages, repository, targetsOf } from "../support/MarkdownPages.ts"
import type { MarkdownPage } from "../support/MarkdownPages.ts"

const pages = markdownPages()
const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]))

const isOfTheWeb = (target: string): boolean => /^(https?|mailto):/.test(target)

/** The broken links of a page. */
const isBroken = (page: MarkdownPage, target: string): boolean => {
  const [file = "", anchor] = decodeURIComponent(target).split("#")
  const path = file === "" ? page.path : normalize(join(dirname(page.path), file))
  if (path.startsWith("..") || !existsSync(join(repository, path))) return true
  return anchor !== undefined && !(anchors.get(path)?.has(anchor) ?? false)
}

describe("the Markdown pages", () => {
  it("are found", () => {
    assert.includeMembers(
      pages.map(({ path }) => path),
      ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"]
    )
  })

  it("link to files and headings that exist", () => {
    const broken = pages.flatMap((page) =>
      targetsOf(page)
        .filter((target) => !isOfTheWeb(target) && isBroken(page, target))
        .map((target) => `${page.path}: ${target}`)
    )
    assert.deepStrictEqual(broken, [])
  })

  it("name source files and folders that exist", () => {
    const path = /^(?:src|test|docs|scripts|bench|bin|deploy)\/[\w./-]+$/
    const missing = pages.flatMap((page) =>
      page.code
        .filter((code) => path.test(code) && !existsSync(join(repository, code)))
        .map((code) => `${page.path}: ${code}`)
    )
    assert.deepStrictEqual(missing, [])
  })
})

const page = (prose: string): MarkdownPage => ({ path: "README.md", prose, code: [] })

describe("a link", () => {
  it("is found inline, by reference and in HTML, and not in code", () => {
    const prose = '[a](one.md) ![b](two.png "Two") `[c](no.md)`\n<img src="three.png">\n[d]: four.md#five\n'
    assert.deepStrictEqual(targetsOf(page(prose)), ["one.md", "two.png", "four.md#five", "three.png"])
  })

  it("is broken if its file or heading does not exist, or if it leaves the repository", () => {
    const targets = ["nowhere.md", "#nothing", "docs/http.md#nothing", "../README.md"]
    assert.deepStrictEqual(
      targets.filter((target) => isBroken(page(""), target)),
      targets
    )
    assert.isFalse(isBroken(page(""), "docs/http.md#headers"))
  })

  it("reaches headings by the anchors of GitHub", () => {
    const headings = "# Who asks?\n## `tbg` & [links](a.md)\n## Who asks\n"
    assert.deepStrictEqual([...anchorsOf(page(headings))], ["who-asks", "tbg--links", "who-asks-1"])
  })
})
