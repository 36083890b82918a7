import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Context, Effect, Layer, Schedule, Scope } from "effect"
import { commandResult } from "../support/CommandResult.ts"
import { standbyOf } from "../support/Standby.ts"
import { guard } from "../support/throwaway/Guard.ts"
import { isRoot, serverAccount } from "../support/throwaway/Programs.ts"
import { DatabaseWay, PostgresServer, role, run } from "./Servers.ts"
import type { Cause } from "./Servers.ts"
import type { failoverFaults } from "./table/FailoverFaults.ts"

/** Whether a file system of a few megabytes can be made here, and what to say if not. */
export const smallDisk = {
  isMissing: !isRoot || !existsSync("/proc/mounts"),
  reason: "a small tmpfs: needs root on Linux"
}

/** A folder on a file system of its own, with room for `megabytes`. */
const mounted = Effect.fnUntraced(function* (megabytes: number) {
  const account = yield* serverAccount
  const { folder } = yield* guard(account)
  const path = join(folder, "disk")
  mkdirSync(path)
  const mount = commandResult("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=700`, "tmpfs", path])
  yield* Effect.acquireRelease(mount, () => commandResult("umount", ["--lazy", path]))
  if (account.uid !== undefined) chownSync(path, account.uid, account.gid)
  return path
})

const tables = ["posts", "post_counts", "idempotency_keys", "service_facts"]

/** What the rows need beside the server, made when it is first used. */
export class Failover extends Context.Service<
  Failover,
  {
    /** The port of a standby. */
    readonly standby: Effect.Effect<number>
    readonly fillDisk: Effect.Effect<void>
    readonly emptyDisk: Effect.Effect<void>
  }
>()("test/faults/Failover") {
  static readonly layer = Layer.effect(
    Failover,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const postgres = yield* PostgresServer
      const direct = new URL(postgres.url)
      direct.pathname = `/${role.database}`
      const standby = Effect.provideService(Effect.orDie(standbyOf(postgres)), Scope.Scope, scope)
      const disk = Effect.gen(function* () {
        const path = yield* mounted(16)
        yield* postgres.run(`CREATE TABLESPACE small LOCATION '${path}'`)
        for (const table of tables) yield* run(direct.href, `ALTER TABLE tbg_api.${table} SET TABLESPACE small`)
        return join(path, "filler")
      }).pipe(Effect.provideService(Scope.Scope, scope))
      const filler = yield* Effect.cached(disk)
      return {
        standby: yield* Effect.cached(standby),
        fillDisk: Effect.map(filler, (file) => {
          try {
            writeFileSync(file, Buffer.alloc(64 * 2 ** 20))
          } catch {
            // The disk is full now, as intended.
          }
        }),
        emptyDisk: Effect.map(filler, (file) => rmSync(file, { force: true }))
      }
    })
  )
}

const endSessions = Effect.flatMap(PostgresServer, ({ run }) =>
  run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role.name}'`)
)

const defaultReadOnly = (value: "on" | "off") =>
  Effect.flatMap(PostgresServer, ({ run }) =>
    run(`ALTER DATABASE ${role.database} SET default_transaction_read_only = ${value}`)
  )

/** Waits until the standby has replayed everything. */
const replayed = Effect.gen(function* () {
  const { run: administer } = yield* PostgresServer
  yield* Effect.repeat(
    administer("SELECT 1 AS behind FROM pg_stat_replication WHERE replay_lsn IS DISTINCT FROM pg_current_wal_lsn()"),
    { until: (rows) => Array.isArray(rows) && rows.length === 0, schedule: Schedule.spaced("20 millis") }
  )
})

export const failoverCauses: Record<keyof typeof failoverFaults, Cause<PostgresServer | DatabaseWay | Failover>> = {
  "Postgres is made read-only": {
    begin: Effect.andThen(defaultReadOnly("on"), endSessions),
    end: defaultReadOnly("off")
  },
  "Postgres is demoted behind its name": {
    begin: Effect.gen(function* () {
      const { leadTo } = yield* DatabaseWay
      const { standby } = yield* Failover
      const port = yield* standby
      yield* replayed
      yield* leadTo(port)
      yield* endSessions
    }),
    end: Effect.gen(function* () {
      const { leadTo } = yield* DatabaseWay
      yield* leadTo((yield* PostgresServer).port)
    })
  },
  "the disk of Postgres is full": {
    begin: Effect.flatMap(Failover, ({ fillDisk }) => fillDisk),
    end: Effect.flatMap(Failover, ({ emptyDisk }) => emptyDisk)
  }
}
