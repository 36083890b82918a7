import { Runtime, Schema } from "effect"

/** sysexits EX_UNAVAILABLE, as for a Postgres that cannot be reached (contract section 2). */
const unavailable = 69

/** Another process, or another scope of this one, has the folder's database open. */
export class FolderLocked extends Schema.TaggedError<FolderLocked>()("FolderLocked", {
  folder: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = unavailable

  override get message(): string {
    return `The embedded database in ${this.folder} is in use by another process; stop that one, or name another folder.`
  }
}

/** The folder cannot be made, read or written, or PGlite does not start on what is in it. */
export class EmbeddedUnavailable extends Schema.TaggedError<EmbeddedUnavailable>()("EmbeddedUnavailable", {
  folder: Schema.UndefinedOr(Schema.String),
  reason: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = unavailable

  override get message(): string {
    return `The embedded database ${this.folder === undefined ? "in memory" : `in ${this.folder}`} cannot be opened: ${this.reason}`
  }
}

/** For `catch`: what went wrong with the database of `folder`, in one line. */
export const unavailableIn = (folder: string | undefined) => (cause: unknown) =>
  new EmbeddedUnavailable({ folder, reason: cause instanceof Error ? cause.message : String(cause) })
