import { Context, Effect, Redacted, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import type { ApiKeyId } from "../domain/ApiKey.ts"
import { ApiKeys } from "../services/ApiKeys.ts"

/** Standard output cannot be written, for example because the disk is full or the reader exited. */
class OutputFailed extends Schema.TaggedError<OutputFailed>()("OutputFailed", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 1
}

const outputFailed = (error: Error): OutputFailed =>
  new OutputFailed({
    message: `cannot write to standard output (${"code" in error ? String(error.code) : error.name})`
  })

/** Tracks failed writes to standard output, because `Console` ignores them. */
const followOutput = () => {
  let failure: Error | undefined
  process.stdout.on("error", (error) => (failure ??= error))
  const write = (text: string) =>
    Effect.callback<void, OutputFailed>((resume) => {
      process.stdout.write(text, (error) => {
        const found = failure ?? error
        resume(found ? Effect.fail(outputFailed(found)) : Effect.void)
      })
    })
  return {
    /** Writes a line; fails if this or an earlier write failed. */
    print: (line: string) => write(`${line}\n`),
    /** Fails if any write failed. */
    check: write("")
  }
}

export const Output = Context.Reference("tbg-api/cli/Output", { defaultValue: followOutput })

/** Prints a new key, and revokes it if printing fails. */
export const printKey = Effect.fnUntraced(function* (id: ApiKeyId, token: Redacted.Redacted) {
  const { print } = yield* Output
  const { revoke } = yield* ApiKeys
  yield* Effect.catchTag(print(Redacted.value(token)), "OutputFailed", ({ message }) =>
    Effect.andThen(
      Effect.ignore(revoke(id)),
      Effect.fail(new OutputFailed({ message: `${message}; the new key ${id} was revoked` }))
    )
  )
})
