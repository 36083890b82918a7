import { Context, Effect, Layer } from "effect"
import sonicBoom from "sonic-boom"

/** Time for which lines are collected, so that a busy service writes once for many lines. */
const batchWindow = "20 millis"
/** A batch with more characters is written immediately. */
const batchLimit = 65_536
/** Maximum time to write the remaining lines at shutdown, if the reader has stopped. */
const closeLimit = "1 second"
/** Maximum bytes that wait for the reader; further lines are dropped. */
const backlogLimit = 16_777_216

/** Writes lines to a file descriptor in batches, without blocking the caller. Closing the scope writes the rest. */
export const makeLineWriter = Effect.fnUntraced(function* (fd: number) {
  const run = Effect.runForkWith(yield* Effect.context())
  const file = new sonicBoom.SonicBoom({ fd, sync: false, maxLength: backlogLimit })
  // The service continues without a reader (EPIPE).
  file.on("error", () => {})
  let batch = ""

  const flush = Effect.sync(() => {
    if (batch !== "") file.write(batch)
    batch = ""
  })
  const flushLater = Effect.delay(flush, batchWindow)

  const closed = Effect.callback<void>((resume) => {
    const done = () => resume(Effect.void)
    file.once("close", done).once("error", done)
    file.end()
  })
  yield* Effect.addFinalizer(() => Effect.andThen(flush, Effect.timeoutOption(closed, closeLimit)))
  return (line: string): void => {
    if (batch === "") run(flushLater)
    batch += line
    if (batch.length > batchLimit) Effect.runSync(flush)
  }
})

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
}
