import { Cause, Effect, Layer } from "effect"

/** Longer than the log's lines wait for others. */
const untilLogged = "100 millis"

/** What Node itself warns of (a deprecation, a leak of listeners) becomes a line of the log, and no text on stderr. */
const Warnings = Layer.effectDiscard(
  Effect.gen(function* () {
    const run = Effect.runForkWith(yield* Effect.context())
    const warn = ({ message, name }: Error): void =>
      void run(Effect.annotateLogs(Effect.logWarning("Node.js warns"), { name, warning: message }))
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        const before = process.listeners("warning")
        process.removeAllListeners("warning").on("warning", warn)
        return before
      }),
      (before) =>
        Effect.sync(() => {
          process.off("warning", warn)
          for (const listener of before) process.on("warning", listener)
        })
    )
  })
)

/**
 * What nothing caught, a promise that nobody waited for included, becomes a line of the log like all others; then the
 * process ends at once with exit code 1, as nobody knows what state it is in.
 */
const Crashes = Layer.effectDiscard(
  Effect.gen(function* () {
    const run = Effect.runForkWith(yield* Effect.context())
    const crash = (error: unknown): void => {
      const line = Effect.logFatal("the process crashed", Cause.die(error))
      run(
        Effect.andThen(
          Effect.andThen(line, Effect.sleep(untilLogged)),
          Effect.sync(() => process.exit(1))
        )
      )
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => process.on("uncaughtException", crash)),
      () => Effect.sync(() => process.off("uncaughtException", crash))
    )
  })
)

/** What the process says outside of every fiber, as lines of the log; what is a crash also ends it. */
export const layer = Layer.merge(Warnings, Crashes)
