import { Cause, Effect, Schedule } from "effect"
import { Migrations } from "../Migrations.ts"

/** Short, because a comparison by another replica takes only a moment. */
const retryInterval = "1 second"

/**
 * Compares the schema every `seconds` for the life of the scope; 0 disables it. Only one replica compares at a time, and
 * the others hold no session while they wait. A failure keeps the last known state.
 */
export const watchDrift = Effect.fnUntraced(function* (seconds: number) {
  if (seconds === 0) return
  const { refreshAlone } = yield* Migrations
  yield* refreshAlone.pipe(
    Effect.repeat({ until: (hasRun) => hasRun, schedule: Schedule.spaced(retryInterval) }),
    Effect.ignore,
    Effect.catchDefect((defect) =>
      Effect.logError("schema comparison failed; retrying at the next interval", Cause.die(defect))
    ),
    Effect.delay(`${seconds} seconds`),
    Effect.forever,
    Effect.forkScoped
  )
})
