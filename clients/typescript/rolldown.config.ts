import { join } from "node:path"
import type { BuildOptions, Plugin } from "rolldown"

const string = String.raw`(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\x60(?:[^\x60\\]|\\.)*\x60)`
const texts = new RegExp(
  String.raw`\b(description|summary|identifier):\s*(?:${string}(?:\s*\+\s*${string})*|\w+\[\w+\]),?\s*`,
  "gu"
)
/** An array of examples, in which brackets nest at most two deep. */
const examples = new RegExp(
  String.raw`\bexamples: \[(?:${string}|[^"'\x60[\]]|\[(?:${string}|[^"'\x60[\]]|\[(?:${string}|[^"'\x60[\]])*\])*\])*\],?\s*`,
  "gu"
)
const emptyAnnotations = /\.annotate(?:\(\{\s*\}\)|Merge\(\s*OpenApi\.annotations\(\{\s*\}\)\s*\))/gu

const contract = join(import.meta.dirname, "../../src/")

/** Removes from the contract what only the OpenAPI document shows. */
const withoutTexts: Plugin = {
  name: "without-texts",
  transform: (code, id) =>
    id.startsWith(contract)
      ? {
          code: code.replaceAll(texts, "").replaceAll(examples, "").replaceAll(emptyAnnotations, ""),
          map: null
        }
      : undefined
}

const entry = (name: string, options: Pick<BuildOptions, "external"> = {}): BuildOptions => ({
  input: { [name]: join(import.meta.dirname, "src", `${name}.ts`) },
  platform: "neutral",
  plugins: [withoutTexts],
  treeshake: {
    moduleSideEffects: false,
    propertyReadSideEffects: false,
    unknownGlobalSideEffects: false,
    // Drops schemas and services of the contract that a client does not use.
    manualPureFunctions: ["Context", "HttpApi.make", "Schema"]
  },
  ...options,
  output: {
    dir: join(import.meta.dirname, "dist"),
    format: "esm",
    entryFileNames: "[name].js",
    minify: { compress: { treeshake: { propertyReadSideEffects: false } }, mangle: { toplevel: true } },
    comments: false
  }
})

/** JavaScript for any platform, because Node.js strips no types under node_modules. */
const entries: ReadonlyArray<BuildOptions> = [
  // `effect` is external, because two copies of it in one program would not share services.
  entry("index", { external: /^effect(?:\/|$)/u }),
  // Bundles the parts of `effect` that it uses.
  entry("promise")
]
export default entries
