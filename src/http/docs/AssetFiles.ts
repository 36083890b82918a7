import { createRequire } from "node:module"
import { join } from "node:path"

const { resolve } = createRequire(import.meta.url)

const own = (name: string) => join(import.meta.dirname, "browser", name)

/** What the pages load, and the licences it is under, by the name that it is served as; where it is in the sources. */
const sources: Readonly<Record<string, () => string>> = {
  "swagger-ui.css": () => resolve("swagger-ui-dist/swagger-ui.css"),
  "swagger-ui-bundle.js": () => resolve("swagger-ui-dist/swagger-ui-bundle.js"),
  "swagger-ui-bundle.js.LICENSE.txt": () => resolve("swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt"),
  "swagger-ui.LICENSE.txt": () => resolve("swagger-ui-dist/LICENSE"),
  "swagger-ui.NOTICE.txt": () => resolve("swagger-ui-dist/NOTICE"),
  "swagger-ui.js": () => own("swagger-ui.js"),
  "redoc.standalone.js": () => resolve("redoc/bundles/redoc.standalone.js"),
  "redoc.standalone.js.LICENSE.txt": () => resolve("redoc/bundles/redoc.standalone.js.LICENSE.txt"),
  "redoc.LICENSE.txt": () => resolve("redoc/LICENSE"),
  "redoc.js": () => own("redoc.js")
}

/** The folder beside the bundle that has them under these names. */
export const assetFolder = "docs"

export const assetNames: ReadonlyArray<string> = Object.keys(sources)

/** The file of an asset: beside the bundle, or in the sources and the packages of development. */
export const assetFile = (name: string): string =>
  import.meta.filename.endsWith(".ts") ? (sources[name]?.() ?? name) : join(import.meta.dirname, assetFolder, name)
