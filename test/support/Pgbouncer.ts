import { Effect } from "effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { commandResult } from "./CommandResult.ts"
import { guard } from "./throwaway/Guard.ts"
import { freePort, startedServer } from "./throwaway/ServerProcess.ts"

/** Whether PgBouncer can run on this machine, and the reason to skip if not. */
export const pgbouncer = {
  isMissing: (await Effect.runPromise(commandResult("pgbouncer", ["--version"]))).code !== 0,
  reason: "PgBouncer: not on the PATH (Debian's package pgbouncer has it)"
}

export interface PoolerOptions {
  readonly mode?: "transaction" | "session"
  /** Ignored startup parameters. */
  readonly ignored?: string
}

/** Settings of docs/deployment.md unless overridden; every client uses the user and password of the server. */
const settings = (database: URL, port: number, sessions: number, { ignored, mode = "transaction" }: PoolerOptions) => `
[databases]
${database.pathname.slice(1)} = host=${database.hostname} port=${database.port || "5432"} user=${decodeURIComponent(database.username)} password=${decodeURIComponent(database.password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = ${sessions}
ignore_startup_parameters = ${ignored ?? "statement_timeout,lock_timeout,idle_in_transaction_session_timeout"}
`

/** Starts a PgBouncer in front of the database at `url`, with this many sessions; returns its URL. */
export const pooled = (url: string, sessions: number, options: PoolerOptions = {}) =>
  Effect.gen(function* () {
    const owned = yield* guard({})
    const port = yield* freePort
    const database = new URL(url)
    const file = join(owned.folder, "pgbouncer.ini")
    yield* Effect.promise(() => writeFile(file, settings(database, port, sessions, options)))
    yield* startedServer({
      guard: owned,
      account: {},
      command: "pgbouncer",
      // PgBouncer refuses to run as root.
      args: [...(process.getuid?.() === 0 ? ["-u", "nobody"] : []), file],
      watched: (pid) => ({ _tag: "Process", pid, signal: "KILL" }),
      ready: "process up"
    })
    database.host = `127.0.0.1:${port}`
    return database.href
  }).pipe(Effect.retry({ times: 3 }))
