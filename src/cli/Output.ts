import { Context, Effect, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import type { Writable } from "node:stream"

/** What a command gives did not reach standard output: a full disk, or a reader that is gone. */
export class OutputFailed extends Schema.TaggedError<OutputFailed>()("OutputFailed", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 1
}

const outputFailed = (error: Error): OutputFailed =>
  new OutputFailed({
    message: `cannot write to standard output (${"code" in error ? String(error.code) : error.name})`
  })

/** Follows the writes to a stream, because `Console` ignores those that fail. */
export const followOutput = (stream: Writable) => {
  let failure: Error | undefined
  stream.on("error", (error) => (failure ??= error))
  const write = (text: string) =>
    Effect.callback<void, OutputFailed>((resume) => {
      stream.write(text, (error) => {
        const found = failure ?? error
        resume(found ? Effect.fail(outputFailed(found)) : Effect.void)
      })
    })
  return {
    /** Writes a line, and fails if it or an earlier one did not get there. */
    print: (line: string) => write(`${line}\n`),
    /** Fails if anything did not get there. */
    check: write("")
  }
}

/** Standard output. */
export const Output = Context.Reference("tbg-api/cli/Output", { defaultValue: () => followOutput(process.stdout) })
