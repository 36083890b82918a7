// Finds a Node.js that is new enough for this service; runs on any Node.js from 20 on, so plain JavaScript.
// Used by the launcher (bin/tbg.js) and, as a program that prints the answer, by the Makefile.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** `engines` of package.json: the first versions whose HTTP server can reject upgrades. */
const supported = "22.21 (22.x) or 24.9"
const pinned = "26.10.0"

/** Whether a version of Node.js, such as `22.21.0`, can run this service. */
export const isSupported = (version) => {
  const [major, minor] = version.split(".").map(Number)
  return major > 24 || (major === 24 && minor >= 9) || (major === 22 && minor >= 21)
}

const toolchain = join(dirname(dirname(fileURLToPath(import.meta.url))), ".toolchain")

/**
 * Path of a supported Node.js: the current one if possible, else the npm package `node`, installed into `.toolchain/`
 * the first time.
 */
export const findNode = () => {
  if (isSupported(process.versions.node)) return process.execPath
  const local = join(toolchain, "node_modules", "node", "bin", "node")
  if (existsSync(local)) return local
  process.stderr.write(
    `Node.js ${process.versions.node} is older than ${supported}: installing Node.js ${pinned} into .toolchain/\n`
  )
  mkdirSync(toolchain, { recursive: true })
  const args = ["install", "--prefix", toolchain, "--no-save", "--no-package-lock", "--silent", `node@${pinned}`]
  const npm = spawnSync("npm", args, { stdio: ["ignore", 2, 2] })
  if (npm.status !== 0 || !existsSync(local)) {
    throw new Error(`Could not install Node.js ${pinned}: install Node.js ${supported} or newer`)
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
