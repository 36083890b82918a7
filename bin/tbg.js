#!/usr/bin/env node
// The launcher of `tbg`: plain JavaScript that any Node.js from 20 on can run. It starts the program on a Node.js
// that is new enough, in this process where this one is.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { findNode } from "./find-node.js"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, "src", "main.ts")
// A package that was published or an image holds the bundle only: Node.js strips no types under node_modules.
const program = existsSync(source) && !root.includes("node_modules") ? source : join(root, "dist", "main.js")

let node
try {
  node = findNode()
} catch (error) {
  process.stderr.write(`tbg: ${error.message}\n`)
  process.exit(69)
}

if (node === process.execPath) {
  process.argv[1] = program
  await import(pathToFileURL(program).href)
} else {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" })
  // A signal to the launcher alone (kill, a supervisor) reaches the program; the launcher ends with its exit code.
  // Ctrl-C on a terminal reaches both already, and a second SIGINT would cut the drain short.
  const forward = (signal) => child.kill(signal)
  process.on("SIGTERM", forward).on("SIGHUP", forward)
  process.on("SIGINT", process.stdin.isTTY ? () => {} : forward)
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGKILL" ? 137 : 1)
  })
}
