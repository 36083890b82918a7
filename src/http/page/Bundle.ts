import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join } from "node:path"
import type { AssetFile } from "../docs/Assets.ts"

const { resolve } = createRequire(import.meta.url)

const source = join(import.meta.dirname, "..", "..", "page")

/** Files that the page loads as they are, and licenses. */
const files: Readonly<Record<string, () => string>> = {
  "theme.js": () => join(source, "assets", "theme.js"),
  "icon.svg": () => join(source, "assets", "icon.svg"),
  "geist.woff2": () => resolve("@fontsource-variable/geist/files/geist-latin-wght-normal.woff2"),
  "geist.LICENSE.txt": () => resolve("@fontsource-variable/geist/LICENSE"),
  "uplot.LICENSE.txt": () => resolve("uplot/LICENSE")
}

const styles = [
  () => resolve("uplot/dist/uPlot.min.css"),
  ...["base", "layout", "parts", "dialog"].map((name) => () => join(source, "styles", `${name}.css`))
]

/** The program of the page as one minified module. */
const bundleScript = async (): Promise<AssetFile> => {
  // Installed only where the program is built or runs from its sources.
  const { rolldown } = await import("rolldown")
  await using build = await rolldown({ input: join(source, "main.ts"), platform: "browser", tsconfig: false })
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false })
  return { name: "page.js", body: Buffer.from(output[0].code) }
}

const joinStyles = async (): Promise<AssetFile> => {
  const texts = await Promise.all(styles.map((path) => readFile(path(), "utf8")))
  return { name: "page.css", body: Buffer.from(texts.join("\n")) }
}

const copy = async ([name, path]: readonly [string, () => string]): Promise<AssetFile> => ({
  name,
  body: await readFile(path())
})

/** Builds all files of the page from the sources, in about 100 ms. */
export const bundlePage = (): Promise<ReadonlyArray<AssetFile>> =>
  Promise.all([bundleScript(), joinStyles(), ...Object.entries(files).map(copy)])
