import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { envExample } from "./configuration/EnvExample.ts"

// Writes .env.example from the declaration of the settings; `--check` only says whether it is as it would be written.
const path = join(import.meta.dirname, "..", ".env.example")

if (!process.argv.includes("--check")) {
  writeFileSync(path, envExample)
} else if (readFileSync(path, "utf8") !== envExample) {
  process.stderr.write(".env.example is not what the settings say: run `npm run env:example`\n")
  process.exitCode = 1
}
