// Runs npm, reports progress every few seconds, and shows npm's own errors.
// Used by bin/find-node.js. The Makefile runs it as a program: `node bin/run-npm.js WHAT ARGUMENTS…`.
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const report = (line) => process.stderr.write(`${line}\n`)

// By default, npm waits 10 s and then 60 s before it retries an unreachable registry.
const options = ["--loglevel=error", "--no-progress", "--no-update-notifier", "--fetch-retry-mintimeout=1000"]

/** Resolves to whether npm succeeded. Writes only to standard error. */
export const runNpm = (what, args) =>
  new Promise((resolve) => {
    const started = Date.now()
    const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`
    report(`${what} …`)
    const timer = setInterval(() => report(`${what} … ${elapsed()}`), 4000)
    const end = (isDone, result) => {
      clearInterval(timer)
      report(`${what}: ${result}`)
      resolve(isDone)
    }
    const npm = spawn("npm", [...args, ...options], { stdio: ["ignore", "ignore", "inherit"] })
    npm.on("error", () => end(false, "npm is missing; install Node.js with npm from https://nodejs.org/en/download"))
    npm.on("exit", (code) => end(code === 0, code === 0 ? `done in ${elapsed()}` : "failed; npm's reason is above"))
  })

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, ...args] = process.argv.slice(2)
  if (!(await runNpm(what, args))) process.exitCode = 69
}
