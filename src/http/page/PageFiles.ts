import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { AssetFile } from "../docs/Assets.ts"

/** Folder beside the bundle that contains the files of the page. */
export const pageFolder = "page"

const readBuilt = async (): Promise<ReadonlyArray<AssetFile>> => {
  const folder = join(import.meta.dirname, pageFolder)
  const names = await readdir(folder)
  return Promise.all(names.toSorted().map(async (name) => ({ name, body: await readFile(join(folder, name)) })))
}

/** Files of the page: beside the bundle, or built from the sources during development. */
export const readPageFiles = async (): Promise<ReadonlyArray<AssetFile>> => {
  if (!import.meta.filename.endsWith(".ts")) return readBuilt()
  const { bundlePage } = await import("./Bundle.ts")
  return bundlePage()
}
