import { randomUUID } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schedule } from "effect"
import type { Scope } from "effect"
import { commandResult } from "./CommandResult.ts"
import type { Account } from "./CommandResult.ts"
import { startedContainer } from "./throwaway/Container.ts"
import { guard } from "./throwaway/Guard.ts"
import type { Guard } from "./throwaway/Guard.ts"
import { postgresProgram, serverAccount } from "./throwaway/Programs.ts"
import { copyPackage } from "./throwaway/PostgresPackage.ts"
import type { NothingToRun, Program } from "./throwaway/Programs.ts"
import { freePort, ServerNotStarted, signalFamily, startedServer } from "./throwaway/ServerProcess.ts"

/** A separate Postgres on 127.0.0.1 that a test may stop, freeze and kill. */
export interface ThrowawayPostgres {
  /** `postgresql://user:password@127.0.0.1:port/postgres` */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Process id of the first postmaster. */
  readonly pid: number
  /** Signals the postmaster and every backend: SIGSTOP freezes the server, SIGCONT thaws it. */
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Requests a fast shutdown, which ends all sessions and keeps the data. */
  readonly shutDown: Effect.Effect<void>
  /** Restarts a server that was killed or shut down, on its port and with its data. */
  readonly startAgain: Effect.Effect<void, ServerNotStarted>
  /** Stops the server and removes its folder, as the end of the scope does. */
  readonly stop: Effect.Effect<void>
}

export interface PostgresOptions {
  /** A free port unless given. */
  readonly port?: number
  /** Server settings by name, over the defaults. */
  readonly settings?: ServerSettings
  /** How to run it; by default the first way that works on this machine. */
  readonly program?: Program
}

const host = "127.0.0.1"
const user = "postgres"
const password = "throwaway"

export type ServerSettings = Readonly<Record<string, string>>

/** Tests keep no data, so commits do not wait for the disk. Benchmarks override this with `durable`. */
const defaults: ServerSettings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "200",
  shared_buffers: "32MB",
  dynamic_shared_memory_type: "mmap",
  timezone: "UTC"
}
/** Commits reach the disk, as in production. */
export const durable: ServerSettings = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" }

const argumentsOf = (settings: ServerSettings) =>
  Object.entries({ ...defaults, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`])
const ready = "database system is ready to accept connections"

const initialised = Effect.fnUntraced(function* (owned: Guard, account: Account, folder: string) {
  const passwordFile = join(owned.folder, "password")
  writeFileSync(passwordFile, password, { mode: 0o644 })
  const data = join(owned.folder, "data")
  const args = ["--pgdata", data, "--username", user, "--pwfile", passwordFile, "--auth", "scram-sha-256"]
  const result = yield* commandResult(
    join(folder, "initdb"),
    [...args, "--encoding", "UTF8", "--no-locale", "--no-sync"],
    { account, cwd: owned.folder, onStart: (pid) => owned.watch({ _tag: "Process", pid, signal: "QUIT" }) }
  )
  owned.watch({ _tag: "Nothing" })
  return result.code === 0 ? data : yield* new ServerNotStarted({ message: `initdb: ${result.stderr}` })
})

/** Signals a process; returns whether it existed. */
const sent = (pid: number, signal: NodeJS.Signals | 0) =>
  Effect.sync(() => {
    try {
      return process.kill(pid, signal)
    } catch {
      return false
    }
  })

const poll = Schedule.spaced("10 millis")
/** Backends of a killed postmaster hold its memory for a moment, and a new one refuses to start. */
const again = { schedule: Schedule.spaced("50 millis"), times: 20 }

const local = Effect.fnUntraced(function* (
  owned: Guard,
  account: Account,
  folder: string,
  { port: wanted, settings = {} }: PostgresOptions
) {
  const data = yield* initialised(owned, account, folder)
  const startedOn = (port: number) =>
    startedServer({
      guard: owned,
      account,
      command: join(folder, "postgres"),
      args: ["-D", data, "-h", host, "-p", String(port), "-k", "", ...argumentsOf(settings)],
      watched: (pid) => ({ _tag: "Process", pid, signal: "QUIT" }),
      ready
    })
  const attempt = Effect.gen(function* () {
    const port = wanted ?? (yield* freePort)
    return { port, pid: yield* startedOn(port) }
  })
  const first = yield* Effect.retry(attempt, { times: 3 })
  let { pid } = first
  return {
    ...first,
    signal: (signal: NodeJS.Signals) => Effect.suspend(() => signalFamily(pid, signal)),
    shutDown: Effect.suspend(() => Effect.asVoid(sent(pid, "SIGINT"))),
    startAgain: Effect.gen(function* () {
      const isThere = Effect.suspend(() => sent(pid, 0))
      yield* Effect.repeat(isThere, { while: (isThere) => isThere, schedule: poll })
      pid = yield* Effect.retry(startedOn(first.port), again)
    })
  }
})

const contained = Effect.fnUntraced(function* (owned: Guard, { port: wanted, settings = {} }: PostgresOptions) {
  const port = wanted ?? (yield* freePort)
  const volume = `tbg-test-${randomUUID()}`
  yield* Effect.addFinalizer(() =>
    Effect.andThen(owned.end, commandResult("docker", ["volume", "rm", "--force", volume]))
  )
  const startedWith = (times: number) =>
    startedContainer({
      guard: owned,
      image: "postgres:16-alpine",
      publish: `${host}:${port}:5432`,
      settings: ["--env", `POSTGRES_PASSWORD=${password}`, "--volume", `${volume}:/var/lib/postgresql/data`],
      args: argumentsOf(settings),
      ready,
      times
    })
  // The image starts the server once to set it up.
  const first = yield* startedWith(2)
  let server = first
  const signal = (signal: NodeJS.Signals) => Effect.suspend(() => server.signal(signal))
  return {
    port,
    pid: first.pid,
    signal,
    shutDown: signal("SIGINT"),
    startAgain: Effect.map(Effect.retry(startedWith(1), again), (started) => void (server = started))
  }
})

/** Starts a throwaway Postgres, optionally with its own settings or on the port of a stopped one. */
export const throwawayPostgresWith = Effect.fnUntraced(function* (
  options: PostgresOptions
): Effect.fn.Return<ThrowawayPostgres, NothingToRun | ServerNotStarted, Scope.Scope> {
  const program = options.program ?? (yield* postgresProgram)
  const account = program._tag === "Docker" ? {} : yield* serverAccount
  const owned = yield* guard(account)
  const server = yield* program._tag === "Docker"
    ? contained(owned, options)
    : local(owned, account, program._tag === "Package" ? copyPackage(owned.folder) : program.folder, options)
  const url = `postgresql://${user}:${password}@${host}:${server.port}/postgres`
  // A frozen backend does not notice a shutdown, so all are thawed first.
  const stop = Effect.andThen(server.signal("SIGCONT"), owned.end)
  yield* Effect.addFinalizer(() => stop)
  return { url, host, user, password, ...server, stop }
})

/** A throwaway Postgres on a free port. Starting one takes about a second. */
export const throwawayPostgres: Effect.Effect<ThrowawayPostgres, NothingToRun | ServerNotStarted, Scope.Scope> =
  Effect.suspend(() => throwawayPostgresWith({}))
