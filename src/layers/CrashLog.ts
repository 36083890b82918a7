import { Cause, Effect, Layer } from "effect"

/** Longer than the log writer collects lines. */
const untilLogged = "100 millis"

/** Logs warnings of Node.js, such as deprecations, instead of printing them to stderr. */
const Warnings = Layer.effectDiscard(
  Effect.gen(function* () {
    const run = Effect.runForkWith(yield* Effect.context())
    const warn = ({ message, name }: Error): void =>
      void run(Effect.annotateLogs(Effect.logWarning("Node.js warning"), { name, warning: message }))
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

/** Logs uncaught exceptions and unhandled rejections, then exits with code 1. */
const Crashes = Layer.effectDiscard(
  Effect.gen(function* () {
    const run = Effect.runForkWith(yield* Effect.context())
    const crash = (error: unknown): void => {
      const line = Effect.logFatal("process crashed", Cause.die(error))
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

/** Logs warnings and crashes that occur outside of fibers. */
export const layer = Layer.merge(Warnings, Crashes)
