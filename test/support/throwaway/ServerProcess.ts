import { spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import { Effect, Schema } from "effect"
import { commandResult } from "../CommandResult.ts"
import type { Account } from "../CommandResult.ts"
import type { Guard, Watched } from "./Guard.ts"

/** A server exited before it was ready, usually because its port was taken. */
export class ServerNotStarted extends Schema.TaggedError<ServerNotStarted>()("ServerNotStarted", {
  message: Schema.String
}) {}

/** A free local TCP port. Another process may take it first, so callers retry. */
export const freePort: Effect.Effect<number> = Effect.callback((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

/**
 * Starts a server and waits for its ready message; returns its process id. It has no timeout of its own, because the
 * test clock may not advance. The timeout of the test or run applies.
 */
export const startedServer = (options: {
  readonly guard: Guard
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly account: Account
  readonly watched: (pid: number) => Watched
  /** The ready message, and how often it appears (an image may start the server once to set it up). */
  readonly ready: string
  readonly times?: number
}): Effect.Effect<number, ServerNotStarted> =>
  Effect.callback((resume) => {
    const { account, args, command, guard } = options
    // A separate process group, so that Ctrl-C does not stop it during a running test.
    const child = spawn(command, args, {
      ...account,
      cwd: guard.folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    let isReady = false
    const read = (text: string) => {
      if (isReady) return
      output += text
      if (output.split(options.ready).length <= (options.times ?? 1)) return
      isReady = true
      resume(Effect.succeed(child.pid ?? 0))
    }
    child.stdout.setEncoding("utf8").on("data", read)
    child.stderr.setEncoding("utf8").on("data", read)
    const fail = (reason: string) =>
      resume(Effect.fail(new ServerNotStarted({ message: `${command}: ${reason}\n${output}` })))
    child.on("error", (error) => fail(error.message))
    child.on("exit", (code) => {
      guard.exited(child.pid)
      fail(`ended with ${code}`)
    })
    if (child.pid !== undefined) guard.watch(options.watched(child.pid))
  })

const parentOnLinux = (pid: number) => {
  try {
    // The name in brackets may contain spaces. State and parent follow the last bracket.
    return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1])
  } catch {
    return undefined
  }
}

const childrenOf = Effect.fnUntraced(function* (pid: number) {
  if (existsSync("/proc/self/stat")) {
    const pids = readdirSync("/proc").map(Number).filter(Number.isInteger)
    return pids.filter((candidate) => parentOnLinux(candidate) === pid)
  }
  const { stdout } = yield* commandResult("ps", ["-A", "-o", "pid=,ppid="])
  const rows = stdout.split("\n").map((row) => row.trim().split(/\s+/).map(Number))
  return rows.flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []))
})

const send = (pid: number, signal: NodeJS.Signals) =>
  Effect.sync(() => {
    try {
      process.kill(pid, signal)
    } catch {
      // Already exited.
    }
  })

/**
 * Signals a process and its children. A backend of Postgres leads its own session, so signaling the process group would
 * miss it. Children are listed before, because a dead parent has none, and after, because one may start in between.
 */
export const signalFamily = Effect.fnUntraced(function* (pid: number, signal: NodeJS.Signals) {
  const before = yield* childrenOf(pid)
  yield* send(pid, signal)
  const after = yield* childrenOf(pid)
  yield* Effect.forEach(new Set([...before, ...after]), (child) => send(child, signal), { discard: true })
})
