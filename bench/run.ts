// Runs the benchmarks named as arguments, or all of them one after the other; each prints its own table.
// A benchmark is a program of this folder, in lower case; `npm run build` comes first, as most measure the bundle.
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"

const benchmarks = readdirSync(import.meta.dirname)
  .filter((file) => /^[a-z-]+\.ts$/.test(file) && file !== "run.ts")
  .map((file) => file.slice(0, -".ts".length))

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !benchmarks.includes(name))
if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(", ")}; there are ${benchmarks.join(", ")}`)

const run = (command: string, args: ReadonlyArray<string>): void => {
  const { status } = spawnSync(command, args, { stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}

run("npm", ["run", "--silent", "build"])
// The gate says yes or no, of a change; it is run by name.
for (const name of asked.length === 0 ? benchmarks.filter((name) => name !== "gate") : asked) {
  process.stdout.write(`\n${name}\n\n`)
  run(process.execPath, [join(import.meta.dirname, `${name}.ts`)])
}
