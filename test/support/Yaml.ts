import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseAllDocuments } from "yaml"
import type { Tags } from "yaml"

/** The folder of the repository. */
export const repository = join(import.meta.dirname, "..", "..")

/** Compose's YAML tags for overriding files: remove or replace a value. */
const composeTags: Tags = [
  { tag: "!reset", resolve: () => null },
  { tag: "!reset", collection: "seq" },
  { tag: "!override", collection: "seq" },
  { tag: "!override", collection: "map" }
]

/** Documents of the YAML file at this path in the repository. */
export const yamlIn = (path: string): ReadonlyArray<unknown> =>
  parseAllDocuments(readFileSync(join(repository, path), "utf8"), { merge: true, customTags: composeTags }).map(
    (document): unknown => {
      const [problem] = [...document.errors, ...document.warnings]
      if (problem !== undefined) throw new Error(`${path}: ${problem.message}`)
      return document.toJS()
    }
  )
