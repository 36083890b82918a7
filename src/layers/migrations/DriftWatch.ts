import { Cause, Effect, Schedule } from "effect"
import { Migrations } from "../Migrations.ts"

/** Short, because another replica's comparison takes only a moment. */
const betweenTries = "1 second"

/**
 * Compares the schema every `seconds` for the life of the scope; 0 turns it off. Replicas that started together compare
 * one after the other, and hold no session while they wait. A failure keeps the known state, and never ends the watch.
 */
export const watchDrift = Effect.fnUntraced(function* (seconds: number) {
  if (seconds === 0) return
  const { refreshAlone } = yield* Migrations
  yield* refreshAlone.pipe(
    Effect.repeat({ until: (hasRun) => hasRun, schedule: Schedule.spaced(betweenTries) }),
    Effect.ignore,
    Effect.catchDefect((defect) =>
      Effect.logError("schema comparison failed; retrying at the next interval", Cause.die(defect))
    ),
    Effect.delay(`${seconds} seconds`),
    Effect.forever,
    Effect.forkScoped
  )
})
