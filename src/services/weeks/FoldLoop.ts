import { Effect, Ref } from "effect"
import { conditionOf } from "../../domain/SqlState.ts"
import type { LeadershipLost, Lease } from "../mining/Leadership.ts"
import type { WeekFold } from "./WeekFold.ts"

/** Pause between two polls for changes. */
const pause = "250 millis"
/** Pause after an outage of Postgres, which the projection logs. */
const outagePause = "1 second"
/** Pause after any other failure, so that it is not logged often. */
const failurePause = "30 seconds"

const logFailure = (failure: unknown) =>
  Effect.andThen(
    Effect.logError("weekly boards cannot be updated; retrying in 30 seconds", failure),
    Effect.sleep(failurePause)
  )

/** Folds changes until another process leads. */
export const repeatFold = Effect.fnUntraced(function* (
  { begin, next }: WeekFold["Service"],
  lease: Lease
): Effect.fn.Return<never, LeadershipLost> {
  const hasBegun = yield* Ref.make(false)
  const step = Effect.gen(function* () {
    if (!(yield* Ref.get(hasBegun))) yield* begin
    yield* Ref.set(hasBegun, true)
    if (!(yield* next(lease))) yield* Effect.sleep(pause)
  })
  return yield* step.pipe(
    Effect.catchTag("SqlError", (error) =>
      conditionOf(error.reason) === undefined ? logFailure(error) : Effect.sleep(outagePause)
    ),
    Effect.catchDefect(logFailure),
    Effect.forever
  )
})
