import { Cause, Effect, Layer } from "effect"

/** Longer than the log's lines wait for others. */
const untilLogged = "100 millis"

/**
 * What nothing caught, a promise that nobody waited for included, becomes a line of the log like all others; then the
 * process ends at once with exit code 1, as nobody knows what state it is in.
 */
export const layer = Layer.effectDiscard(
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
