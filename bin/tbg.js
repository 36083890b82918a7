#!/usr/bin/env node
// Launcher of `tbg`. Plain JavaScript, because it must run on Node.js 20. It starts the program in this process if its
// Node.js is supported, and otherwise in a child process.
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { requireNode, run } from "./find-node.js"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, "src", "main.ts")
// Published packages and images contain only the bundle, because Node.js strips no types under node_modules.
const program = existsSync(source) && !root.includes("node_modules") ? source : join(root, "dist", "main.js")

const node = await requireNode("tbg")
if (node === process.execPath) {
  process.argv[1] = program
  await import(pathToFileURL(program).href)
} else {
  run(node, [program, ...process.argv.slice(2)])
}
