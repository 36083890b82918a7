import { Context, Effect, Layer } from "effect"
import { makeLineWriter } from "./logger/LineWriter.ts"

const stdout = 1

/** Writes log lines to stdout in batches, without blocking the caller. */
export class LogWriter extends Context.Service<
  LogWriter,
  {
    readonly write: (line: string) => void
    /** Whether stdout is a terminal with colors and `NO_COLOR` is not set. */
    readonly hasColors: boolean
  }
>()("tbg-api/layers/LogWriter") {
  static readonly layer = Layer.effect(
    LogWriter,
    Effect.map(makeLineWriter(stdout), (write) => ({
      write,
      hasColors: process.stdout.isTTY && process.stdout.hasColors()
    }))
  )

  /** Passes each line to `write`. */
  static readonly layerTest = (write: (line: string) => void) => Layer.succeed(LogWriter, { write, hasColors: false })
}
