import { join } from "node:path"
import packageJson from "../../package.json" with { type: "json" }
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { table } from "../../src/layers/config/Table.ts"

const root = join(import.meta.dirname, "..", "..")

/** The committed document of this source, and that of the last version that callers were promised. */
export const currentFile = join(root, "openapi.json")
export const releasedFile = join(root, "openapi.released.json")

/** The document of everything that is served, as text, whatever the environment says. */
export const currentText = `${JSON.stringify(
  openApiDocument("all", { title: table.general.projectName.example, version: packageJson.version }),
  undefined,
  2
)}\n`
