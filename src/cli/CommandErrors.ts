import { Cause, Effect, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import type { DependencyDown } from "../domain/Dependency.ts"
import { sentenceOf } from "../layers/Advice.ts"
import type { Advice } from "../layers/Advice.ts"

/** Ends a command with an exit code. The command has already printed the reason. */
export class ExitWith extends Schema.TaggedError<ExitWith>()("ExitWith", { code: Schema.Int }) {
  override readonly [Runtime.errorReported] = false
  override readonly [Runtime.errorExitCode] = this.code
}

/** A dependency of the command is unavailable. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 69
}

/** The command line is invalid, or the user declined. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 64
}

/** Turns an unavailable dependency into advice for the operator. */
export const failWithAdvice =
  (adviceOn: (down: DependencyDown) => Advice) =>
  <A, R>(effect: Effect.Effect<A, DependencyDown, R>): Effect.Effect<A, Unavailable, R> =>
    Effect.mapError(effect, (down) => new Unavailable({ message: sentenceOf(adviceOn(down)) }))

/** Returns the message of an expected error, and the full report of any other. */
export const describeFailure = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const isExpected = error instanceof Error && Runtime.errorExitCode in error
  return isExpected ? error.message : Cause.pretty(cause)
}
