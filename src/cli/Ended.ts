import { Cause, Schema } from "effect"
import * as Runtime from "effect/Runtime"

/** End of a command with an exit code. The command has already printed the reason. */
export class Ended extends Schema.TaggedError<Ended>()("Ended", { code: Schema.Int }) {
  override readonly [Runtime.errorReported] = false
  override readonly [Runtime.errorExitCode] = this.code
}

/** Returns the message of an expected error, and the full report of any other. */
export const explanationOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const foreseen = error instanceof Error && Runtime.errorExitCode in error
  return foreseen ? error.message : Cause.pretty(cause)
}
