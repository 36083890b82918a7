import { spawn } from "node:child_process"
import { Effect } from "effect"

/** The account of a child process; empty for the account of the tests. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>

export interface CommandResult {
  /** Null if a signal ended the command; 127 if it could not be started. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Result of a short command once it has exited and closed its outputs; it is killed on interruption. */
export const commandResult = (
  command: string,
  args: ReadonlyArray<string>,
  options: {
    readonly account?: Account
    readonly cwd?: string
    /** The complete environment of the command; by default that of the tests. */
    readonly env?: Record<string, string>
    readonly onStart?: (pid: number) => void
  } = {}
): Effect.Effect<CommandResult> =>
  Effect.callback((resume) => {
    const { account, onStart, ...rest } = options
    const child = spawn(command, args, { ...rest, ...account, stdio: ["ignore", "pipe", "pipe"] })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("error", (error) => resume(Effect.succeed({ code: 127, stdout, stderr: error.message })))
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    if (child.pid !== undefined) onStart?.(child.pid)
    return Effect.sync(() => child.kill("SIGKILL"))
  })
