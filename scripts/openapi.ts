import { writeFileSync } from "node:fs"
import { breakingChanges, currentFile, currentText, releasedFile } from "./openapi/Document.ts"

// Writes openapi.json from the contract. With `--release`, later documents must be compatible with it.
writeFileSync(currentFile, currentText)

const problems = breakingChanges()
if (problems.length > 0) {
  process.stderr.write(
    `incompatible with openapi.released.json; raise the version or revert:\n${problems.join("\n")}\n`
  )
  process.exitCode = 1
} else if (process.argv.includes("--release")) {
  writeFileSync(releasedFile, currentText)
}
