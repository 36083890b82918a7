import { readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { defineConfig } from "rolldown"
import type { Plugin } from "rolldown"
import { assetFile, assetFolder, assetNames } from "./src/http/docs/AssetFiles.ts"
import { bundlePage } from "./src/http/page/Bundle.ts"
import { pageFolder } from "./src/http/page/PageFiles.ts"
import { checksumOf, manifestName } from "./src/layers/migrations/Checksum.ts"

const pglite = dirname(fileURLToPath(import.meta.resolve("@electric-sql/pglite")))
const ownSources = join(import.meta.dirname, "src", "layers", "embedded")

/** What the embedded database reads at run time, from the folder of the code that reads it. */
const besideTheBundle = [
  join(pglite, "pglite.wasm"),
  join(pglite, "pglite.data"),
  join(pglite, "initdb.wasm"),
  join(ownSources, "cluster.tar.gz")
]

const embeddedDatabaseFiles: Plugin = {
  name: "embedded-database-files",
  generateBundle() {
    for (const file of besideTheBundle) {
      this.emitFile({ type: "asset", fileName: basename(file), source: readFileSync(file) })
    }
  }
}

/** What the docs pages load, and the licences it is under; of the packages that hold it nothing else is needed. */
const docsAssets: Plugin = {
  name: "docs-assets",
  generateBundle() {
    for (const name of assetNames) {
      this.emitFile({ type: "asset", fileName: `${assetFolder}/${name}`, source: readFileSync(assetFile(name)) })
    }
  }
}

const pageAssets: Plugin = {
  name: "page-assets",
  async generateBundle() {
    for (const { body, name } of await bundlePage()) {
      this.emitFile({ type: "asset", fileName: `${pageFolder}/${name}`, source: body })
    }
  }
}

const migrations = readdirSync(join(import.meta.dirname, "migrations")).filter((name) => name.endsWith(".ts"))

/** What the sources of the steps were, for the ledger: a bundled step has another text at each build. */
const migrationChecksums: Plugin = {
  name: "migration-checksums",
  generateBundle() {
    const checksums = migrations.map((name) => {
      const source = readFileSync(join(import.meta.dirname, "migrations", name), "utf8")
      return [basename(name, ".ts"), checksumOf(source)] as const
    })
    const source = JSON.stringify(Object.fromEntries(checksums))
    this.emitFile({ type: "asset", fileName: `migrations/${manifestName}`, source })
  }
}

/**
 * The program as JavaScript that needs no node_modules: `dist/main.js`, each migration as a file of its own, and the
 * chunks that `import()` loads when they are wanted (the embedded database). All lie flat in one folder, as code that
 * is moved into a chunk still looks beside itself for what it reads.
 */
export default defineConfig({
  input: {
    main: "src/main.ts",
    ...Object.fromEntries(migrations.map((name) => [`migrations/${basename(name, ".ts")}`, `migrations/${name}`]))
  },
  platform: "node",
  // The sources build the page when they run, but not the bundle.
  external: ["rolldown"],
  plugins: [embeddedDatabaseFiles, docsAssets, pageAssets, migrationChecksums],
  // PGlite's own loader uses direct eval, in a scope of its own.
  checks: { eval: false },
  output: {
    dir: "dist",
    format: "esm",
    cleanDir: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    // Names and lines stay readable in stack traces; the image is not shipped to browsers.
    minify: false,
    comments: { legal: true, jsdoc: false, annotation: false }
  }
})
