import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { Effect, Schedule } from "effect"
import { freePort } from "../test/support/throwaway/ServerProcess.ts"

export interface PinnedServer {
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly pid: number
}

/** Servers run on the first core. Load and databases, which this process starts, share the second one. */
const serverCore = "0"
const loadCore = "1"

export const moveToLoadCore = (): void => {
  const { status } = spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", loadCore, String(process.pid)])
  if (status !== 0) throw new Error("taskset failed; servers and load would share a core")
}

const start = Effect.fnUntraced(function* (
  command: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>>,
  cores: string
) {
  const port = String(yield* freePort)
  const child = spawn("taskset", ["--cpu-list", cores, ...command], {
    env: { PATH: process.env["PATH"], TBG_HOST: "127.0.0.1", TBG_PORT: port, TBG_LOG_FORMAT: "json", ...variables },
    stdio: ["ignore", "ignore", "inherit"]
  })
  return { child, url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0 }
})

/** Starts a server that listens on `TBG_PORT`, and waits until /health responds. It stops when the scope closes. */
export const pinnedProgram = Effect.fnUntraced(function* (
  command: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>> = {},
  cores = serverCore
) {
  const { pid, url } = yield* Effect.acquireRelease(start(command, variables, cores), ({ child }) =>
    Effect.promise(async () => {
      if (child.exitCode !== null) return
      child.kill("SIGTERM")
      await once(child, "exit")
    })
  )
  yield* Effect.tryPromise(() => fetch(`${url}/health`)).pipe(
    Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 500 })
  )
  const server: PinnedServer = { url, pid }
  return server
})

/** The same for a Node.js program and its arguments. */
export const pinnedServer = (program: ReadonlyArray<string>, variables?: Readonly<Record<string, string>>) =>
  pinnedProgram([process.execPath, ...program], variables)

/**
 * Like `pinnedServer`, but on both cores, to measure latency. On one core, V8's garbage collection threads would compete
 * with the thread that serves requests.
 */
export const serverOnBothCores = (program: ReadonlyArray<string>, variables?: Readonly<Record<string, string>>) =>
  pinnedProgram([process.execPath, ...program], variables, `${serverCore},${loadCore}`)

/** The kernel counts CPU time in ticks of 10 ms. */
const microsecondsOfTick = 10_000

/** User and system CPU time of all threads of a process so far, in microseconds. */
export const cpuMicroseconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  // The times are fields 14 and 15. The name before them ends at the last bracket, and may contain spaces.
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
  return (Number(user) + Number(system)) * microsecondsOfTick
}
