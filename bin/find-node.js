// Finds a Node.js that is new enough for this service. Plain JavaScript, because it must run on Node.js 20.
// Used by bin/tbg.js and bin/on-node.js. The Makefile runs it as a program that prints the path.
import { spawn } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { runNpm } from "./run-npm.js"

/** `engines` of package.json: the first versions whose HTTP server can ignore upgrades. */
const supported = "22.21 (22.x) or 24.9"
const pinned = "26.10.0"

/** Whether a version of Node.js, such as `22.21.0`, can run this service. */
export const isSupported = (version) => {
  const [major, minor] = version.split(".").map(Number)
  return major > 24 || (major === 24 && minor >= 9) || (major === 22 && minor >= 21)
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const toolchain = join(root, ".toolchain")

/** Package with the Node.js binary. The package `node` installs it by a script, which npm may not run. */
const platformPackage = () => {
  const name = `${process.platform}-${process.arch}`
  return `${name === "darwin-arm64" ? "node-bin" : "node"}-${name}@${pinned}`
}

/** Returns the path of a supported Node.js: the current one, or one installed into `.toolchain/` on first use. */
export const findNode = async () => {
  if (isSupported(process.versions.node)) return process.execPath
  const local = join(toolchain, "node_modules", ".bin", "node")
  if (existsSync(local)) return local
  mkdirSync(toolchain, { recursive: true })
  process.stderr.write(`Node.js ${process.versions.node} is older than ${supported}\n`)
  const args = ["install", "--prefix", toolchain, "--no-save", "--no-package-lock", platformPackage()]
  const isDone = await runNpm(`installing Node.js ${pinned} into .toolchain/`, args)
  if (isDone && existsSync(local)) return local
  throw new Error(`install Node.js ${supported} or newer yourself: https://nodejs.org/en/download`)
}

/** Returns the path of a supported Node.js. Exits if there is none, or if packages are not installed. */
export const requireNode = async (program) => {
  try {
    const isCheckout = existsSync(join(root, "package-lock.json"))
    if (isCheckout && !existsSync(join(root, "node_modules", "effect"))) throw new Error("run `make install` first")
    return await findNode()
  } catch (error) {
    process.stderr.write(`${program}: ${error.message}\n`)
    process.exit(69)
  }
}

/** Runs a program, forwards signals to it, and exits with its code. */
export const run = (command, args) => {
  const child = spawn(command, args, { stdio: "inherit" })
  // On a terminal, Ctrl-C reaches both processes, and a forwarded second SIGINT would end the drain early.
  const forward = (signal) => child.kill(signal)
  process.on("SIGTERM", forward).on("SIGHUP", forward)
  process.on("SIGINT", process.stdin.isTTY ? () => {} : forward)
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGKILL" ? 137 : 1)
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${await findNode()}\n`)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 69
  }
}
