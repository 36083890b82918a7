import { spawn } from "node:child_process"
import { Effect, Schedule } from "effect"
import type { Scope } from "effect"
import { environmentOf, programPath } from "./TestProcess.ts"
import type { Variables } from "./TestProcess.ts"
import { guard } from "./throwaway/Guard.ts"

/** A command of the program that runs until it is signaled, as a process of its own. */
export interface RunningProgram {
  readonly pid: number
  /** Standard output and standard error so far, together. */
  readonly output: Effect.Effect<string>
  /** Waits until the output contains a text. */
  readonly untilPrinted: (text: string) => Effect.Effect<string>
  /** Waits for its end. */
  readonly exit: Effect.Effect<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
}

const poll = Schedule.spaced("20 millis")

/** Starts a command such as `["mining", "project"]`, on a free port if it listens. Killed at the end of the scope, and when the tests are. */
export const runningProgram = Effect.fnUntraced(function* (
  args: ReadonlyArray<string>,
  variables: Variables
): Effect.fn.Return<RunningProgram, never, Scope.Scope> {
  const env = yield* environmentOf({ TBG_HOST: "127.0.0.1", TBG_PORT: "0", TBG_LOG_FORMAT: "json", ...variables })
  const { folder, watch } = yield* guard({})
  const child = spawn(process.execPath, [programPath(), ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"]
  })
  let text = ""
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more))
  child.stderr.setEncoding("utf8").on("data", (more: string) => (text += more))
  const pid = child.pid ?? 0
  watch({ _tag: "Process", pid, signal: "KILL" })
  child.on("exit", () => watch({ _tag: "Nothing" }))
  const output = Effect.sync(() => text)
  return {
    pid,
    output,
    untilPrinted: (part) => Effect.repeat(output, { until: (printed) => printed.includes(part), schedule: poll }),
    exit: Effect.callback((ended) => {
      const end = () => ended(Effect.succeed({ code: child.exitCode, signal: child.signalCode }))
      return child.exitCode === null && child.signalCode === null ? void child.once("close", end) : end()
    }),
    signal: (signal) => Effect.asVoid(Effect.sync(() => child.kill(signal)))
  }
})
