import { spawn } from "node:child_process"
import { dirname, join } from "node:path"
import { Config, Effect, Option, Schema } from "effect"
import type { Scope } from "effect"
import { inject } from "vitest"
import { commandResult } from "./CommandResult.ts"
import type { CommandResult } from "./CommandResult.ts"
import { guard } from "./throwaway/Guard.ts"

/** Variables of the program, which gets no others except PATH, HOME and NODE_COMPILE_CACHE. */
export type Variables = Record<string, string>

/** `tbg serve` in a separate process. */
export interface TestProcess {
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** An empty folder, the working directory of the process; removed at the end. */
  readonly folder: string
  /** Output so far, standard output and standard error together. */
  readonly output: Effect.Effect<string>
  /** Waits for the process to exit. */
  readonly exit: Effect.Effect<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
}

/** The program exited before it listened. */
export class NotListening extends Schema.TaggedError<NotListening>()("NotListening", { message: Schema.String }) {}

const root = dirname(dirname(import.meta.dirname))

/** The program from its sources. */
export const sourcePath = join(root, "src", "main.ts")

/** The bundle that server tests share; process tests run the sources. */
export const programPath = () => inject("program") ?? sourcePath

/** The bundle has a new path in each run, so its cache is next to it. */
const compileCache = () => {
  const program = programPath()
  return program === sourcePath
    ? Config.withDefault(Config.String("NODE_COMPILE_CACHE"), "")
    : Config.succeed(join(dirname(program), "cache"))
}

/** Environment of a program: these variables and what every process needs. */
export const environmentOf = (variables: Variables) =>
  Config.all({
    PATH: Config.String("PATH"),
    HOME: Config.withDefault(Config.String("HOME"), "/"),
    NODE_COMPILE_CACHE: compileCache()
  }).pipe(
    Effect.map((inherited) => ({ ...inherited, ...variables })),
    Effect.orDie
  )

const ListeningLine = Schema.fromJsonString(Schema.Struct({ message: Schema.Literal("listening"), url: Schema.String }))
const listeningLineIn = Schema.decodeUnknownOption(ListeningLine)

const urlIn = (output: string) => {
  // The last piece is an incomplete line.
  const lines = output.split("\n").slice(0, -1)
  return lines.flatMap((line) => Option.toArray(listeningLineIn(line))).at(0)?.url
}

/**
 * Runs `tbg serve` on a free port with the embedded database and limiter, unless the variables say otherwise, and
 * waits until it listens. Killed at the end of the scope, and when the tests are.
 */
export const testProcess = Effect.fnUntraced(function* (
  variables: Variables = {},
  options: { readonly program?: string; readonly args?: ReadonlyArray<string> } = {}
): Effect.fn.Return<TestProcess, NotListening, Scope.Scope> {
  const env = yield* environmentOf({ TBG_HOST: "127.0.0.1", TBG_PORT: "0", TBG_LOG_FORMAT: "json", ...variables })
  const { folder, watch } = yield* guard({})
  const args = [options.program ?? programPath(), ...(options.args ?? ["serve"])]
  return yield* Effect.callback<TestProcess, NotListening>((resume) => {
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] })
    let stdout = ""
    let output = ""
    const exit: TestProcess["exit"] = Effect.callback((ended) => {
      const end = () => ended(Effect.succeed({ code: child.exitCode, signal: child.signalCode }))
      return child.exitCode === null && child.signalCode === null ? void child.once("close", end) : end()
    })
    const listening = (url: string, pid: number): TestProcess => ({
      url,
      port: Number(new URL(url).port),
      pid,
      folder,
      output: Effect.sync(() => output),
      exit,
      signal: (signal) => Effect.asVoid(Effect.sync(() => child.kill(signal)))
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text))
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
      stdout += text
      const url = urlIn(stdout)
      if (url !== undefined && child.pid !== undefined) resume(Effect.succeed(listening(url, child.pid)))
    })
    child.on("exit", () => watch({ _tag: "Nothing" }))
    child.on("close", () => resume(Effect.fail(new NotListening({ message: output }))))
    if (child.pid !== undefined) watch({ _tag: "Process", pid: child.pid, signal: "KILL" })
  })
})

/** Result of a short command of the program, run in an empty folder: `programResult(["openapi"])`. */
export const programResult = Effect.fnUntraced(function* (
  args: ReadonlyArray<string>,
  variables: Variables = {}
): Effect.fn.Return<CommandResult, never, Scope.Scope> {
  const env = yield* environmentOf(variables)
  const { folder } = yield* guard({})
  return yield* commandResult(process.execPath, [programPath(), ...args], { cwd: folder, env })
})
