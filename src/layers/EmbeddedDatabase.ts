import { Effect, Schedule } from "effect"
import type { Scope } from "effect"
import { resolve } from "node:path"
import type { Duplex } from "node:stream"
import { makeBridge } from "./embedded/Bridge.ts"
import type { EmbeddedUnavailable, FolderLocked } from "./embedded/Failures.ts"
import { unavailableIn } from "./embedded/Failures.ts"
import { lockFolder } from "./embedded/FolderLock.ts"
import { openPglite } from "./embedded/OpenPglite.ts"

export interface EmbeddedDatabaseOptions {
  /** Created with mode 0700 if it is missing; `undefined` keeps the database in memory. */
  readonly folder: string | undefined
  /** Has no effect, because a statement blocks the event loop; clients only see the value. */
  readonly statementTimeoutMs: number
}

export interface EmbeddedDatabase {
  /** Opens a virtual connection, for the `stream` of `PgConnection` and `PgClient`. */
  readonly stream: () => Duplex
  readonly username: string
  readonly database: string
  /** Off, because the shared session would keep prepared statements of closed connections. */
  readonly prepare: false
}

/** A single-user Postgres makes no checkpoints by itself, so its write-ahead log would grow until shutdown. */
const checkpointIfDue = `DO $$ BEGIN
  IF pg_current_wal_insert_lsn() - (SELECT redo_lsn FROM pg_control_checkpoint()) > 4194304 THEN CHECKPOINT; END IF;
END $$`

/**
 * Starts Postgres in this process (PGlite) for the life of the scope. In a folder, a killed process loses no commit, but
 * PGlite does not sync data files, so a power failure soon after a checkpoint may damage them.
 */
export const makeEmbeddedDatabase = Effect.fnUntraced(function* ({
  folder,
  statementTimeoutMs
}: EmbeddedDatabaseOptions): Effect.fn.Return<EmbeddedDatabase, FolderLocked | EmbeddedUnavailable, Scope.Scope> {
  const path = folder === undefined ? undefined : resolve(folder)
  if (path !== undefined) yield* lockFolder(path)
  const db = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => openPglite(path, statementTimeoutMs), catch: unavailableIn(path) }),
    (db) => Effect.promise(() => db.close())
  )
  const { close, stream } = makeBridge(db)
  yield* Effect.addFinalizer(() => Effect.sync(close))
  yield* Effect.promise(() => db.exec(checkpointIfDue)).pipe(
    Effect.schedule(Schedule.spaced("10 seconds")),
    Effect.forkScoped
  )
  return { stream, username: "postgres", database: "postgres", prepare: false }
})
