import { Cause, Effect, Layer } from "effect"

/** Longer than the log writer collects lines. */
const untilLogged = "100 millis"

/** Logs warnings of Node.js, such as deprecations, instead of printing them to stderr. */
const logWarnings = Effect.gen(function* () {
  const run = Effect.runForkWith(yield* Effect.context())
  const warn = ({ message, name }: Error): void =>
    void run(Effect.annotateLogs(Effect.logWarning("Node.js warning"), { name, warning: message }))
  const before = process.listeners("warning")
  yield* Effect.acquireRelease(
    Effect.sync(() => process.removeAllListeners("warning").on("warning", warn)),
    () =>
      Effect.sync(() => {
        process.off("warning", warn)
        for (const listener of before) process.on("warning", listener)
      })
  )
})

/** Logs uncaught exceptions and unhandled rejections, then exits with code 1. */
const logCrashes = Effect.gen(function* () {
  const run = Effect.runForkWith(yield* Effect.context())
  const exit = Effect.sync(() => process.exit(1))
  const crash = (error: unknown): void =>
    void run(Effect.andThen(Effect.logFatal("process crashed", Cause.die(error)), Effect.delay(exit, untilLogged)))
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("uncaughtException", crash)),
    () => Effect.sync(() => process.off("uncaughtException", crash))
  )
})

/** Logs warnings and crashes that occur outside of fibers. */
export const layer = Layer.effectDiscard(Effect.andThen(logWarnings, logCrashes))
