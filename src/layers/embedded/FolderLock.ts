import { Effect, Predicate } from "effect"
import type { Scope } from "effect"
import { chmodSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { EmbeddedUnavailable } from "./Failures.ts"
import { FolderLocked, unavailableIn } from "./Failures.ts"

/** SQLITE_BUSY: another process, or another scope of this one, holds the lock. */
const busy = 5

const isLocked = (cause: unknown): boolean => Predicate.hasProperty(cause, "errcode") && cause.errcode === busy

/**
 * Creates `folder` (0700) and locks it until the scope closes.
 *
 * The lock is SQLite's on an empty file: Node has no file locks of its own, and the kernel releases this one however
 * the process ends. PGlite takes none, and two processes on one folder would corrupt it.
 */
export const lockFolder = (folder: string): Effect.Effect<void, FolderLocked | EmbeddedUnavailable, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => lock(folder),
      catch: (cause) => (isLocked(cause) ? new FolderLocked({ folder }) : unavailableIn(folder)(cause))
    }),
    (held) => Effect.sync(() => held.close())
  )

const lock = async (folder: string) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // A folder with files of others keeps its mode; the data folder in it is 0700 in any case.
  if (readdirSync(folder).every((name) => name.startsWith("data") || name.startsWith("lock"))) chmodSync(folder, 0o700)
  const { DatabaseSync } = await import("node:sqlite")
  // Of two that race, one may see the other's attempt: it waits for that to fail.
  const held = new DatabaseSync(join(folder, "lock"), { timeout: 100 })
  try {
    held.exec("BEGIN EXCLUSIVE")
    return held
  } catch (cause) {
    held.close()
    throw cause
  }
}
