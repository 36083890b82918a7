import { Cause, Schema } from "effect"
import * as Runtime from "effect/Runtime"

/** A command ended with an exit code after it had said why itself: nothing more is to be printed. */
export class Ended extends Schema.TaggedError<Ended>()("Ended", { code: Schema.Int }) {
  override readonly [Runtime.errorReported] = false
  override readonly [Runtime.errorExitCode] = this.code
}

/** The error's own words where it is one that we foresaw, else everything that is known of it. */
export const explanationOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const foreseen = error instanceof Error && Runtime.errorExitCode in error
  return foreseen ? error.message : Cause.pretty(cause)
}
