import { join } from "node:path"
import packageJson from "../../package.json" with { type: "json" }
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { table } from "../../src/layers/config/Table.ts"

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
