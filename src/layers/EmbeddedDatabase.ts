import { Effect, Schedule } from "effect"
import { resolve } from "node:path"
import { makeBridge } from "./embedded/Bridge.ts"
import { lockFolder, unavailableIn } from "./embedded/FolderLock.ts"
import { openPglite } from "./embedded/OpenPglite.ts"

/** A single-user Postgres makes no checkpoints by itself, so its write-ahead log would grow until shutdown. */
const checkpointIfDue = `DO $$ BEGIN
  IF pg_current_wal_insert_lsn() - (SELECT redo_lsn FROM pg_control_checkpoint()) > 4194304 THEN CHECKPOINT; END IF;
END $$`

interface EmbeddedDatabaseOptions {
  /** Created with mode 0700 if it is missing; `undefined` keeps the database in memory. */
  readonly folder: string | undefined
  /** Has no effect, because a statement blocks the event loop; clients only see the value. */
  readonly statementTimeoutMs: number
}

/**
 * Starts Postgres in this process (PGlite) for the life of the scope, and returns options of `PgConnection`. In a
 * folder, a killed process loses no commit, but PGlite does not sync data files, so a power failure soon after a
 * checkpoint may damage them.
 */
export const makeEmbeddedDatabase = Effect.fnUntraced(function* (options: EmbeddedDatabaseOptions) {
  const folder = options.folder === undefined ? undefined : resolve(options.folder)
  if (folder !== undefined) yield* lockFolder(folder)
  const db = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => openPglite(folder, options.statementTimeoutMs), catch: unavailableIn(folder) }),
    (db) => Effect.promise(() => db.close())
  )
  const { close, stream } = makeBridge(db)
  yield* Effect.addFinalizer(() => Effect.sync(close))
  yield* Effect.promise(() => db.exec(checkpointIfDue)).pipe(
    Effect.schedule(Schedule.spaced("10 seconds")),
    Effect.forkScoped
  )
  // Prepared statements of closed connections would stay in the shared session.
  return { stream, username: "postgres", database: "postgres", prepare: false }
})
