import { readFileSync, writeFileSync } from "node:fs"
import { isAmended } from "./openapi/Amended.ts"
import { currentFile, currentText, releasedFile } from "./openapi/Document.ts"
import { incompatible, isBreakingVersion } from "./openapi/Incompatible.ts"

// Writes openapi.json from the contract. With `--release`, later documents must be compatible with it.
writeFileSync(currentFile, currentText)

const released: unknown = JSON.parse(readFileSync(releasedFile, "utf8"))
const current: unknown = JSON.parse(currentText)
const problems = isBreakingVersion(released, current)
  ? []
  : incompatible(released, current).filter((difference) => !isAmended(difference))

if (problems.length > 0) {
  process.stderr.write(
    `incompatible with openapi.released.json; raise the version or revert:\n${problems.join("\n")}\n`
  )
  process.exitCode = 1
} else if (process.argv.includes("--release")) {
  writeFileSync(releasedFile, currentText)
}
