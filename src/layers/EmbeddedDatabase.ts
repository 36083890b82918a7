import { Effect, Schedule } from "effect"
import type { Scope } from "effect"
import type { Duplex } from "node:stream"
import { resolve } from "node:path"
import { makeConnection } from "./embedded/Connection.ts"
import type { EmbeddedUnavailable, FolderLocked } from "./embedded/Failures.ts"
import { unavailableIn } from "./embedded/Failures.ts"
import { makeFolderFiles, makeMemoryFiles } from "./embedded/Files.ts"
import { lockFolder } from "./embedded/FolderLock.ts"
import { makeSession } from "./embedded/Session.ts"

export interface EmbeddedDatabaseOptions {
  /** Made with mode 0700 where it is missing; in memory without one. */
  readonly folder: string | undefined
  /** Shown to who asks, and without effect: a statement holds the event loop, and no timer can end it. */
  readonly statementTimeoutMs: number
}

export interface EmbeddedDatabase {
  /** Opens one more virtual connection, for the `stream` of `PgConnection` and `PgClient`. */
  readonly stream: () => Duplex
  readonly username: string
  readonly database: string
}

/**
 * A Postgres in this process (PGlite) that lives for the scope, and as one process's alone: a folder in use fails with
 * `FolderLocked`. PGlite is loaded here and not before, so that a service on a server never loads it.
 *
 * In a folder, what was committed is on the disk. All connections share one session: see `makeSession` for what
 * follows. They are closed first, then the database, then the lock.
 */
export const makeEmbeddedDatabase = Effect.fnUntraced(function* (
  options: EmbeddedDatabaseOptions
): Effect.fn.Return<EmbeddedDatabase, FolderLocked | EmbeddedUnavailable, Scope.Scope> {
  const folder = options.folder === undefined ? undefined : resolve(options.folder)
  if (folder !== undefined) yield* lockFolder(folder)
  const db = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => openDatabase(folder, options.statementTimeoutMs), catch: unavailableIn(folder) }),
    (db) => Effect.promise(() => db.close())
  )
  const session = yield* Effect.acquireRelease(
    Effect.sync(() =>
      makeSession(async (bytes) => {
        const answer: Array<Buffer> = []
        await db.execProtocolRawStream(bytes, {
          // The bytes are a view of the memory that the next cycle overwrites.
          onRawData: (data) => answer.push(Buffer.from(data)),
          syncToFs: false
        })
        return Buffer.concat(answer)
      })
    ),
    (session) => Effect.sync(session.close)
  )
  yield* Effect.sync(session.checkpoint).pipe(Effect.schedule(Schedule.spaced("10 seconds")), Effect.forkScoped)
  return { stream: () => makeConnection(session), username: "postgres", database: "postgres" }
})

const openDatabase = async (folder: string | undefined, statementTimeoutMs: number) => {
  const { PGlite } = await import("@electric-sql/pglite")
  return PGlite.create({
    fs: folder === undefined ? await makeMemoryFiles() : await makeFolderFiles(folder),
    startParams: [
      // `-F` turns fsync off, which only a database in memory can do without.
      ...PGlite.defaultStartParams.filter((parameter) => folder === undefined || parameter !== "-F"),
      ...settings(statementTimeoutMs).flatMap((setting) => ["-c", setting])
    ]
  })
}

/** Small: pages are copies of what is in memory or in the system's cache already, and there is but one session. */
const settings = (statementTimeoutMs: number) => [
  "shared_buffers=4MB",
  "max_connections=8",
  // Times `max_connections`; enough for a schema made in one transaction.
  "max_locks_per_transaction=256",
  "max_wal_senders=0",
  "max_replication_slots=0",
  "maintenance_work_mem=16MB",
  "min_wal_size=2MB",
  "max_wal_size=16MB",
  // `fdatasync` does nothing in PGlite.
  "wal_sync_method=fsync",
  "timezone=UTC",
  `statement_timeout=${statementTimeoutMs}`
]
