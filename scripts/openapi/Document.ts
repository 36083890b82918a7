import { readFileSync } from "node:fs"
import { join } from "node:path"
import packageJson from "../../package.json" with { type: "json" }
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { table } from "../../src/layers/config/Table.ts"
import { incompatible, isBreakingVersion } from "./Incompatible.ts"

const root = join(import.meta.dirname, "..", "..")

/** Committed documents of this source and of the latest release. */
export const currentFile = join(root, "openapi.json")
export const releasedFile = join(root, "openapi.released.json")

/** Document of all endpoints, independent of the environment. */
export const currentText = `${JSON.stringify(
  openApiDocument("all", { title: table.general.projectName.example, version: packageJson.version }),
  undefined,
  2
)}\n`

/** Differences from the released document that the contract requires; remove them at the next release. */
const amended = [
  // Integers instead of text with a pattern; requests stay the same.
  /query (?:limit|offset): (?:different type|tighter (?:minimum|maximum))$/,
  // The same characters, in a pattern that every regular expression engine supports.
  /body\.(?:author_name|content|tags\[\]): tighter pattern$/,
  // Still served, but described only in the introduction.
  /application\/problem\+json removed$/
]

/** Lists changes since the latest release that break callers, unless the version of the package says so. */
export const breakingChanges = (): ReadonlyArray<string> => {
  const released: unknown = JSON.parse(readFileSync(releasedFile, "utf8"))
  const current: unknown = JSON.parse(currentText)
  if (isBreakingVersion(released, current)) return []
  return incompatible(released, current).filter((difference) => !amended.some((pattern) => pattern.test(difference)))
}
