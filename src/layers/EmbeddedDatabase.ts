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
  /** Created with mode 0700 if it is missing. Without one, the database is in memory. */
  readonly folder: string | undefined
  /** Shown to clients, without effect: a statement blocks the event loop, and no timer can end it. */
  readonly statementTimeoutMs: number
}

export interface EmbeddedDatabase {
  /** Opens one more virtual connection, for the `stream` of `PgConnection` and `PgClient`. */
  readonly stream: () => Duplex
  readonly username: string
  readonly database: string
  /** Off: the shared session would keep the prepared statements of connections that are gone. */
  readonly prepare: false
}

/** A single-user Postgres makes no checkpoints by itself, so its log would grow until it is closed. */
const checkpointIfDue = `DO $$ BEGIN
  IF pg_current_wal_insert_lsn() - (SELECT redo_lsn FROM pg_control_checkpoint()) > 4194304 THEN CHECKPOINT; END IF;
END $$`

/**
 * A Postgres in this process (PGlite) that lives for the scope. A folder that is in use fails with `FolderLocked`.
 * PGlite is loaded here and not before, so that a service on a server never loads it.
 *
 * In a folder, a commit is on the disk before it is answered, and a killed process loses nothing. PGlite does not sync
 * the data files, so a power cut soon after a checkpoint may damage them.
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
