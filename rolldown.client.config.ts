import { defineConfig } from "rolldown"

/**
 * `tbg-api/client` as JavaScript, as Node strips no types under node_modules. It is for any platform, and `effect` is
 * the caller's: two copies of it in one program do not know each other's services.
 */
export default defineConfig({
  input: { TbgClient: "src/client/TbgClient.ts" },
  platform: "neutral",
  external: /^effect(?:\/|$)/u,
  output: { dir: "dist/client", format: "esm", cleanDir: true, entryFileNames: "[name].js", minify: false }
})
