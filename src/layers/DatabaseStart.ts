import { Clock, Effect, Predicate, Schedule, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { DependencyDown } from "../domain/Dependency.ts"
import { databaseAdvice, sentenceOf } from "./Advice.ts"
import { AppConfig, describeDatabase } from "./AppConfig.ts"
import { Database } from "./Database.ts"

/** The database cannot be used at startup; the message has the reason and the fix. */
export class DatabaseAway extends Schema.TaggedError<DatabaseAway>()("DatabaseAway", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 69
}

/** Delay between two connection attempts. */
export const betweenTries = "1 second"

/** Only an operator can change it, so waiting would not help. */
const isPermanent = ({ detail, fault }: DependencyDown): boolean =>
  fault === "denied" || fault === "missing" || detail !== undefined

/**
 * Runs `start` once the database is available, and again if it becomes unavailable meanwhile. Logs each failed attempt.
 * Fails at once if the credentials, the database name or the certificate are wrong, otherwise after
 * `TBG_DATABASE_START_TIMEOUT_MS`. Work that has begun is not interrupted.
 */
export const withDatabase = Effect.fnUntraced(function* <A, E>(start: Effect.Effect<A, E | DependencyDown>) {
  const { database } = yield* AppConfig
  const { probe } = yield* Database
  const deadline = (yield* Clock.currentTimeMillis) + database.startTimeoutMs
  let last = new DependencyDown({ fault: "timeout" })
  const adviceOn = (down: DependencyDown) => databaseAdvice(database.target, down)
  const failWith = (message: string) => Effect.fail(new DatabaseAway({ message }))
  const retryLater = (down: DependencyDown) => {
    last = down
    const facts = { database: describeDatabase(database.target), fault: down.fault }
    return Effect.annotateLogs(Effect.logWarning("Postgres unavailable; retrying"), facts)
  }
  const giveUp = Effect.suspend(() => {
    const { fix, problem } = adviceOn(last)
    return failWith(`${problem} (retried for ${database.startTimeoutMs / 1000} s); ${fix}`)
  })
  const answer = Effect.gen(function* () {
    const left = deadline - (yield* Clock.currentTimeMillis)
    if (left <= 0) return yield* giveUp
    return yield* Effect.timeoutOrElse(probe, { duration: left, orElse: () => giveUp })
  })
  const isDown = (error: E | DependencyDown | DatabaseAway): error is DependencyDown =>
    Predicate.isTagged(error, "DependencyDown")
  return yield* Effect.andThen(answer, start).pipe(
    Effect.catchIf(
      (error): error is DependencyDown => isDown(error) && isPermanent(error),
      (down) => failWith(sentenceOf(adviceOn(down)))
    ),
    Effect.tapError((error) => (isDown(error) ? retryLater(error) : Effect.void)),
    Effect.retry({ while: isDown, schedule: Schedule.spaced(betweenTries) })
  )
})
