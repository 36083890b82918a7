import { Clock, Effect, Predicate, Schedule, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import type { DependencyDown, Fault } from "../domain/Dependency.ts"
import { AppConfig, describeDatabase } from "./AppConfig.ts"
import { Database } from "./Database.ts"

/** The database did not answer within `TBG_DATABASE_START_TIMEOUT_MS`. */
export class DatabaseAway extends Schema.TaggedError<DatabaseAway>()("DatabaseAway", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 69
}

/** How long whoever waits for the database rests between two tries. */
export const betweenTries = "1 second"

/**
 * Does `start` as soon as the database answers, logging each try, and again where the database goes away meanwhile;
 * fails when `TBG_DATABASE_START_TIMEOUT_MS` have passed without an answer. What has begun is not cut short.
 */
export const withDatabase = Effect.fnUntraced(function* <A, E>(start: Effect.Effect<A, E | DependencyDown>) {
  const { database } = yield* AppConfig
  const { probe } = yield* Database
  const where = describeDatabase(database.target)
  const deadline = (yield* Clock.currentTimeMillis) + database.startTimeoutMs
  let last: Fault = "timeout"
  const tryAgain = ({ fault }: DependencyDown) => {
    last = fault
    const line = Effect.logWarning("the database does not answer, trying again")
    return Effect.annotateLogs(line, { database: where, fault })
  }
  const giveUp = Effect.suspend(() => {
    const seconds = database.startTimeoutMs / 1000
    return Effect.fail(new DatabaseAway({ message: `no answer from the database ${where} in ${seconds} s: ${last}` }))
  })
  const answer = Effect.gen(function* () {
    const left = deadline - (yield* Clock.currentTimeMillis)
    if (left <= 0) return yield* giveUp
    return yield* Effect.timeoutOrElse(probe, { duration: left, orElse: () => giveUp })
  })
  const isDown = (error: E | DependencyDown | DatabaseAway): error is DependencyDown =>
    Predicate.isTagged(error, "DependencyDown")
  return yield* Effect.andThen(answer, start).pipe(
    Effect.tapError((error) => (isDown(error) ? tryAgain(error) : Effect.void)),
    Effect.retry({ while: isDown, schedule: Schedule.spaced(betweenTries) })
  )
})
