// Builds the bundle and runs the benchmarks named as arguments, or all of them. Benchmarks are the programs in this folder
// with lower-case names.
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"

const benchmarks = readdirSync(import.meta.dirname)
  .filter((file) => /^[a-z]+\.ts$/.test(file) && file !== "run.ts")
  .map((file) => file.slice(0, -".ts".length))

const names = process.argv.slice(2)
const unknown = names.filter((name) => !benchmarks.includes(name))
if (unknown.length > 0) throw new Error(`unknown benchmark ${unknown.join(", ")}; use ${benchmarks.join(", ")}`)

const run = (command: string, args: ReadonlyArray<string>): void => {
  const { status } = spawnSync(command, args, { stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}

run("npm", ["run", "--silent", "build"])
// The gate compares revisions, so it runs only by name.
for (const name of names.length === 0 ? benchmarks.filter((name) => name !== "gate") : names) {
  process.stdout.write(`\n${name}\n\n`)
  run(process.execPath, [join(import.meta.dirname, `${name}.ts`)])
}
