import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join } from "node:path"
import type { AssetFile } from "./Assets.ts"

const { resolve } = createRequire(import.meta.url)

/** Assets of the pages and their licenses: name in URLs, and module in the source tree. */
const sources: Readonly<Record<string, string>> = {
  "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
  "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
  "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt",
  "swagger-ui.LICENSE.txt": "swagger-ui-dist/LICENSE",
  "swagger-ui.NOTICE.txt": "swagger-ui-dist/NOTICE",
  "swagger-ui.js": "./browser/swagger-ui.js",
  "redoc.standalone.js": "redoc/bundles/redoc.standalone.js",
  "redoc.standalone.js.LICENSE.txt": "redoc/bundles/redoc.standalone.js.LICENSE.txt",
  "redoc.LICENSE.txt": "redoc/LICENSE",
  "redoc.js": "./browser/redoc.js"
}

/** Folder beside the bundle that contains the assets. */
export const assetFolder = "docs"

export const assetNames: ReadonlyArray<string> = Object.keys(sources)

/** Path of an asset: beside the bundle, or in the source tree and its packages during development. */
export const assetFile = (name: string): string =>
  import.meta.filename.endsWith(".ts") ? resolve(sources[name] ?? name) : join(import.meta.dirname, assetFolder, name)

/** Image that ReDoc fetches from its vendor. ReDoc hides an image that does not load. */
const remoteLogo = "https://cdn.redoc.ly/redoc/logo-mini.svg"

const read = async (name: string): Promise<AssetFile> => {
  const text = await readFile(assetFile(name), "utf8")
  return { name, body: Buffer.from(text.replaceAll(remoteLogo, "data:,")) }
}

/** Reads all assets into memory, about 3 MB. */
export const readAssetFiles = (): Promise<ReadonlyArray<AssetFile>> => Promise.all(assetNames.map(read))
