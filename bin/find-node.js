// Finds a Node.js that is new enough for this service; runs on any Node.js from 20 on, so plain JavaScript.
// Used by the launcher (bin/tbg.js) and, as a program that prints the answer, by the Makefile.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The floor is @effect/platform-node's; from 22.18 on Node.js also runs TypeScript by stripping its types. */
const floor = [22, 19]
const pinned = "26.10.0"

const [major, minor] = process.versions.node.split(".").map(Number)
const isNewEnough = major > floor[0] || (major === floor[0] && minor >= floor[1])

const toolchain = join(dirname(dirname(fileURLToPath(import.meta.url))), ".toolchain")

/**
 * The path of a Node.js that is new enough: the one that runs this where it is, else the npm package `node`,
 * installed into `.toolchain/` the first time.
 */
export const findNode = () => {
  if (isNewEnough) return process.execPath
  const local = join(toolchain, "node_modules", "node", "bin", "node")
  if (existsSync(local)) return local
  process.stderr.write(
    `Node.js ${process.versions.node} is older than ${floor.join(".")}: installing Node.js ${pinned} into .toolchain/\n`
  )
  mkdirSync(toolchain, { recursive: true })
  const args = ["install", "--prefix", toolchain, "--no-save", "--no-package-lock", "--silent", `node@${pinned}`]
  const npm = spawnSync("npm", args, { stdio: ["ignore", 2, 2] })
  if (npm.status !== 0 || !existsSync(local)) {
    throw new Error(`Could not install Node.js ${pinned}: install Node.js ${floor.join(".")} or newer yourself`)
  }
  return local
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${findNode()}\n`)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
