import { join } from "node:path"
import type { BuildOptions, Plugin } from "rolldown"

const string = String.raw`"(?:[^"\\]|\\.)*"`
const descriptions = new RegExp(String.raw`\b(description|summary):\s*${string}(?:\s*\+\s*${string})*,?\s*`, "gu")
/** An array of examples, in which brackets nest at most two deep. */
const examples = new RegExp(
  String.raw`\bexamples: \[(?:${string}|[^"[\]]|\[(?:${string}|[^"[\]]|\[(?:${string}|[^"[\]])*\])*\])*\],?\s*`,
  "gu"
)
const emptyAnnotations = /\.annotate(?:\(\{\s*\}\)|Merge\(\s*OpenApi\.annotations\(\{\s*\}\)\s*\))/gu

/** Removes the texts and examples of the OpenAPI document from the contract: a client does not show them. */
const withoutDescriptions: Plugin = {
  name: "without-descriptions",
  transform: (code, id) =>
    id.includes("node_modules")
      ? undefined
      : {
          code: code.replaceAll(descriptions, "").replaceAll(examples, "").replaceAll(emptyAnnotations, ""),
          map: null
        }
}

const entry = (name: string, options: Pick<BuildOptions, "external"> = {}): BuildOptions => ({
  input: { [name]: join(import.meta.dirname, "src", `${name}.ts`) },
  platform: "neutral",
  plugins: [withoutDescriptions],
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
