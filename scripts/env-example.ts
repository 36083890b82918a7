import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { envExample } from "./configuration/EnvExample.ts"

// Writes .env.example from the table of settings. With `--check`, only fails if the file is out of date.
const path = join(import.meta.dirname, "..", ".env.example")

if (!process.argv.includes("--check")) {
  writeFileSync(path, envExample)
} else if (readFileSync(path, "utf8") !== envExample) {
  process.stderr.write(".env.example is out of date; run `npm run env:example`\n")
  process.exitCode = 1
}
