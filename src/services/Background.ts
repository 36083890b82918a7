import { Effect, Fiber } from "effect"

/** Longest wait of a shutdown for background work to end. A frozen database would delay its interruption for longer. */
const interruptionLimit = "250 millis"

/** Runs an effect in the background until the scope closes. */
export const inBackground = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.acquireRelease(Effect.forkDetach(effect), (fiber) =>
    Effect.andThen(
      Effect.forkDetach(Fiber.interrupt(fiber)),
      Effect.timeoutOption(Fiber.await(fiber), interruptionLimit)
    )
  )
