import { Effect, Predicate, Runtime, Schema } from "effect"
import { chmodSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"

/** sysexits EX_UNAVAILABLE, the same as for an unreachable Postgres (contract section 2). */
const unavailable = 69

export class FolderLocked extends Schema.TaggedError<FolderLocked>()("FolderLocked", {
  folder: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = unavailable

  override get message(): string {
    return `embedded database in ${this.folder} is in use by another process; stop it or choose another folder`
  }
}

/** The folder cannot be created, read or written, or PGlite does not start on its contents. */
class EmbeddedUnavailable extends Schema.TaggedError<EmbeddedUnavailable>()("EmbeddedUnavailable", {
  message: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = unavailable
}

export const unavailableIn = (folder: string | undefined) => (cause: unknown) => {
  const place = folder === undefined ? "in memory" : `in ${folder}`
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new EmbeddedUnavailable({ message: `embedded database ${place} cannot be opened: ${reason}` })
}

/** SQLITE_BUSY. */
const busy = 5

const isLocked = (cause: unknown): boolean => Predicate.hasProperty(cause, "errcode") && cause.errcode === busy

/**
 * Creates `folder` (0700) and locks it until the scope closes. PGlite takes no lock, so two processes would corrupt the
 * folder. The lock is that of an empty SQLite database, because Node.js has no file locks; the kernel releases it when
 * the process exits.
 */
export const lockFolder = (folder: string) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => lock(folder),
      catch: (cause) => (isLocked(cause) ? new FolderLocked({ folder }) : unavailableIn(folder)(cause))
    }),
    (held) => Effect.sync(() => held.close())
  )

const lock = async (folder: string) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // A folder with other files keeps its mode. The data folder in it is always 0700.
  if (readdirSync(folder).every((name) => name.startsWith("data") || name.startsWith("lock"))) chmodSync(folder, 0o700)
  const { DatabaseSync } = await import("node:sqlite")
  // Two concurrent attempts may block each other for a moment.
  const held = new DatabaseSync(join(folder, "lock"), { timeout: 100 })
  try {
    held.exec("BEGIN EXCLUSIVE")
    return held
  } catch (cause) {
    held.close()
    throw cause
  }
}
