import { Context, Effect, Layer } from "effect"
import { makeLineWriter } from "./logger/LineWriter.ts"

const stdout = 1

/** Where the process's lines go: stdout, in batches and off the caller's path; what is left is written at the end. */
export class LogWriter extends Context.Service<
  LogWriter,
  {
    readonly write: (line: string) => void
    /** Whether they are read on a terminal that shows colours, and nobody has set `NO_COLOR`. */
    readonly coloured: boolean
  }
>()("tbg-api/layers/LogWriter") {
  static readonly layer = Layer.effect(
    LogWriter,
    Effect.map(makeLineWriter(stdout), (write) => ({
      write,
      coloured: process.stdout.isTTY && process.stdout.hasColors()
    }))
  )

  /** Hands each line to `write`. */
  static readonly layerTest = (write: (line: string) => void) => Layer.succeed(LogWriter, { write, coloured: false })
}
