import { join } from "node:path"
import type { BuildOptions, Plugin } from "rolldown"

/** Removes the texts of the OpenAPI document from the contract, because a client does not use them. */
const withoutDescriptions: Plugin = {
  name: "without-descriptions",
  transform: (code, id) =>
    id.includes("node_modules")
      ? undefined
      : {
          code: code.replaceAll(
            /\b(description|summary):\s*"(?:[^"\\]|\\.)*"(?:\s*\+\s*"(?:[^"\\]|\\.)*")*/gu,
            "$1: undefined"
          ),
          map: null
        }
}

const entry = (name: string, options: Pick<BuildOptions, "external"> = {}): BuildOptions => ({
  input: { [name]: join(import.meta.dirname, "src", `${name}.ts`) },
  platform: "neutral",
  plugins: [withoutDescriptions],
  ...options,
  output: {
    dir: join(import.meta.dirname, "dist"),
    format: "esm",
    entryFileNames: "[name].js",
    minify: true,
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
