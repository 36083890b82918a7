import { Context, Effect, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import type { Writable } from "node:stream"

/** Standard output cannot be written, for example because the disk is full or the reader exited. */
export class OutputFailed extends Schema.TaggedError<OutputFailed>()("OutputFailed", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 1
}

const outputFailed = (error: Error): OutputFailed =>
  new OutputFailed({
    message: `cannot write to standard output (${"code" in error ? String(error.code) : error.name})`
  })

/** Tracks failed writes to a stream, because `Console` ignores them. */
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
    /** Writes a line; fails if this or an earlier write failed. */
    print: (line: string) => write(`${line}\n`),
    /** Fails if any write failed. */
    check: write("")
  }
}

export const Output = Context.Reference("tbg-api/cli/Output", { defaultValue: () => followOutput(process.stdout) })
