import { existsSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { commandResult } from "./CommandResult.ts"
import type { ThrowawayPostgres } from "./ThrowawayPostgres.ts"
import { guard } from "./throwaway/Guard.ts"
import { postgresProgram, serverAccount } from "./throwaway/Programs.ts"
import { freePort, startedServer } from "./throwaway/ServerProcess.ts"

const program = await Effect.runPromise(Effect.option(postgresProgram))
/** Resolves the links by which the programs were found. */
const folder =
  program._tag === "Some" && program.value._tag === "Folder"
    ? dirname(realpathSync(join(program.value.folder, "postgres")))
    : ""

/** Whether a standby can run on this machine, and the reason to skip if not. */
export const basebackup = {
  isMissing: !existsSync(join(folder, "pg_basebackup")),
  reason: "pg_basebackup: not beside the postgres of this machine"
}

/** Port of a streaming standby, which answers reads and rejects writes. */
export const standbyOf = Effect.fnUntraced(function* ({ url }: ThrowawayPostgres) {
  const account = yield* serverAccount
  const owned = yield* guard(account)
  const data = join(owned.folder, "data")
  const copy = ["--pgdata", data, "--dbname", url, "--write-recovery-conf", "--checkpoint", "fast", "--no-sync"]
  const { code, stderr } = yield* commandResult(join(folder, "pg_basebackup"), copy, { account, cwd: owned.folder })
  if (code !== 0) return yield* Effect.die(new Error(`pg_basebackup: ${stderr}`))
  const port = yield* freePort
  yield* startedServer({
    guard: owned,
    account,
    command: join(folder, "postgres"),
    args: ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", "", "-c", "max_connections=200"],
    watched: (pid) => ({ _tag: "Process", pid, signal: "QUIT" }),
    ready: "ready to accept read-only connections"
  })
  return port
})
