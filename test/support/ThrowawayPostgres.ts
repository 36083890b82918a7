import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import type { Scope } from "effect"
import { commandResult } from "./CommandResult.ts"
import type { Account } from "./CommandResult.ts"
import { startedContainer } from "./throwaway/Container.ts"
import { guard } from "./throwaway/Guard.ts"
import type { Guard } from "./throwaway/Guard.ts"
import { postgresProgram, serverAccount } from "./throwaway/Programs.ts"
import type { NothingToRun } from "./throwaway/Programs.ts"
import { freePort, ServerNotStarted, signalFamily, startedServer } from "./throwaway/ServerProcess.ts"

/** A Postgres of this test's own on 127.0.0.1, that it may stop, freeze and kill. */
export interface ThrowawayPostgres {
  /** `postgresql://user:password@127.0.0.1:port/postgres` */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** The postmaster's. */
  readonly pid: number
  /** Signals the postmaster and every backend: SIGSTOP freezes the server whole, SIGCONT thaws it. */
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Ends the server and removes its folder; done at the end of the scope where a test did not. */
  readonly stop: Effect.Effect<void>
}

const host = "127.0.0.1"
const user = "postgres"
const password = "throwaway"

/** Nothing is worth keeping, so nothing waits for the disk; the time zone is the same on every machine. */
const settings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "200",
  shared_buffers: "32MB",
  dynamic_shared_memory_type: "mmap",
  timezone: "UTC"
}
const settingArgs = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
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

const local = Effect.fnUntraced(function* (owned: Guard, account: Account, folder: string, wanted?: number) {
  const data = yield* initialised(owned, account, folder)
  const attempt = Effect.gen(function* () {
    const port = wanted ?? (yield* freePort)
    const pid = yield* startedServer({
      guard: owned,
      account,
      command: join(folder, "postgres"),
      args: ["-D", data, "-h", host, "-p", String(port), "-k", "", ...settingArgs],
      watched: (pid) => ({ _tag: "Process", pid, signal: "QUIT" }),
      ready
    })
    return { port, pid, signal: (signal: NodeJS.Signals) => signalFamily(pid, signal) }
  })
  return yield* Effect.retry(attempt, { times: 3 })
})

const contained = Effect.fnUntraced(function* (owned: Guard, wanted?: number) {
  const port = wanted ?? (yield* freePort)
  const started = yield* startedContainer({
    guard: owned,
    image: "postgres:16-alpine",
    publish: `${host}:${port}:5432`,
    settings: ["--env", `POSTGRES_PASSWORD=${password}`],
    args: settingArgs,
    ready,
    times: 2
  })
  return { port, ...started }
})

/** A throwaway Postgres on a given port, such as the one that a test has just stopped. */
export const throwawayPostgresOn = Effect.fnUntraced(function* (
  port?: number
): Effect.fn.Return<ThrowawayPostgres, NothingToRun | ServerNotStarted, Scope.Scope> {
  const program = yield* postgresProgram
  const account = program._tag === "Docker" ? {} : yield* serverAccount
  const owned = yield* guard(account)
  const server = yield* program._tag === "Docker" ? contained(owned, port) : local(owned, account, program.folder, port)
  const url = `postgresql://${user}:${password}@${host}:${server.port}/postgres`
  // A frozen backend does not see that its server ends: thaw them all first.
  const stop = Effect.andThen(server.signal("SIGCONT"), owned.end)
  yield* Effect.addFinalizer(() => stop)
  return { url, host, user, password, ...server, stop }
})

/** A throwaway Postgres on a port that is free. Starting one takes about a second. */
export const throwawayPostgres: Effect.Effect<ThrowawayPostgres, NothingToRun | ServerNotStarted, Scope.Scope> =
  Effect.suspend(() => throwawayPostgresOn())
