import { Runtime, Schema } from "effect"

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
export class EmbeddedUnavailable extends Schema.TaggedError<EmbeddedUnavailable>()("EmbeddedUnavailable", {
  folder: Schema.UndefinedOr(Schema.String),
  reason: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = unavailable

  override get message(): string {
    const place = this.folder === undefined ? "in memory" : `in ${this.folder}`
    return `embedded database ${place} cannot be opened: ${this.reason}`
  }
}

export const unavailableIn = (folder: string | undefined) => (cause: unknown) =>
  new EmbeddedUnavailable({ folder, reason: cause instanceof Error ? cause.message : String(cause) })
