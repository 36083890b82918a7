import { Effect } from "effect"
import sonicBoom from "sonic-boom"

/** Lines wait this long for others, so that a busy service writes once for many of them. */
const batchWindow = "20 millis"
/** A batch this large, in characters, is written at once. */
const batchLimit = 65_536
/** How long the end of the process waits for a reader that has stopped reading. */
const closeLimit = "1 second"
/** What may wait for a reader that has stopped reading, in bytes; what comes after that is dropped. */
const backlogLimit = 16_777_216

/**
 * Writes lines to a file descriptor in batches, off the caller's path, for the life of the scope. At its end, what is
 * left is written before the finaliser returns.
 */
export const makeLineWriter = Effect.fnUntraced(function* (fd: number) {
  const run = Effect.runForkWith(yield* Effect.context())
  const file = new sonicBoom.SonicBoom({ fd, sync: false, maxLength: backlogLimit })
  // A reader that went away (EPIPE) is no reason to end the service.
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
