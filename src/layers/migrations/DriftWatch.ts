import { Cause, Effect, Schedule } from "effect"
import { Migrations } from "../Migrations.ts"

/** Another replica reads the catalog for no longer than a moment. */
const untilNextTry = "1 second"

/**
 * Looks at the schema every `seconds` for the life of the scope; 0 is never. Replicas that were started together look
 * one after the other, and the one whose turn it is not holds no session meanwhile. While the database is away, what is
 * known stays; no failure ends the watch.
 */
export const watchDrift = Effect.fnUntraced(function* (seconds: number) {
  if (seconds === 0) return
  const { refreshAlone } = yield* Migrations
  const look = Effect.repeat(refreshAlone, { until: (looked) => looked, schedule: Schedule.spaced(untilNextTry) })
  const surely = Effect.catchDefect(Effect.ignore(look), (defect) =>
    Effect.logError("the drift watch failed", Cause.die(defect))
  )
  yield* surely.pipe(Effect.delay(`${seconds} seconds`), Effect.forever, Effect.forkScoped)
})
