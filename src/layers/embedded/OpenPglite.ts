import { existsSync, mkdirSync, openAsBlob, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** Empty cluster, written by `scripts/embedded-cluster.ts`. Without it, PGlite runs initdb, which takes 3 s and 600 MB. */
export const clusterFile = fileURLToPath(new URL("./cluster.tar.gz", import.meta.url))

/** Opens `<folder>/data`, or a database in memory without a folder. */
export const openPglite = async (folder: string | undefined, statementTimeoutMs: number) => {
  if (folder === undefined) return open(statementTimeoutMs, undefined, true)
  const dataDir = join(folder, "data")
  // Marks an unfinished cluster, which a process that was killed leaves behind.
  const unfinished = `${dataDir}.new`
  if (existsSync(unfinished)) rmSync(dataDir, { force: true, recursive: true })
  if (existsSync(dataDir)) return open(statementTimeoutMs, dataDir, false)
  mkdirSync(unfinished, { recursive: true })
  mkdirSync(dataDir, { mode: 0o700 })
  const db = await open(statementTimeoutMs, dataDir, true)
  rmSync(unfinished, { recursive: true })
  return db
}

const open = async (statementTimeoutMs: number, dataDir: string | undefined, isNew: boolean) => {
  const { PGlite } = await import("@electric-sql/pglite")
  return PGlite.create({
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(isNew && existsSync(clusterFile)
      ? { loadDataDir: await openAsBlob(clusterFile, { type: "application/gzip" }) }
      : {}),
    startParams: [
      // `-F` turns fsync off, which is safe only in memory.
      ...PGlite.defaultStartParams.filter((parameter) => dataDir === undefined || parameter !== "-F"),
      ...settings(statementTimeoutMs).flatMap((setting) => ["-c", setting])
    ]
  })
}

/** Small sizes, because there is only one session, and the operating system caches pages anyway. */
const settings = (statementTimeoutMs: number) => [
  "shared_buffers=4MB",
  "max_connections=8",
  // Multiplied by `max_connections`; enough to create the schema in one transaction.
  "max_locks_per_transaction=256",
  "max_wal_senders=0",
  "max_replication_slots=0",
  "maintenance_work_mem=16MB",
  "min_wal_size=2MB",
  "max_wal_size=16MB",
  // PGlite ignores fsync, but opens files for synchronous writes.
  "wal_sync_method=open_datasync",
  "timezone=UTC",
  `statement_timeout=${statementTimeoutMs}`
]
