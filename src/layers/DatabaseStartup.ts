import { Clock, Effect, Predicate, Schedule, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { DependencyDown } from "../domain/Dependency.ts"
import { databaseAdvice, sentenceOf } from "./Advice.ts"
import { AppConfig, describeDatabase } from "./AppConfig.ts"
import { Database } from "./Database.ts"

/** Failed startup because of the database; the message has the reason and the fix. */
export class DatabaseUnavailable extends Schema.TaggedError<DatabaseUnavailable>()("DatabaseUnavailable", {
  message: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = 69
}

export const retryInterval = "1 second"

/** Only an operator can fix it, so a retry would not help. */
const isPermanent = ({ detail, fault }: DependencyDown): boolean =>
  fault === "denied" || fault === "missing" || detail !== undefined

/**
 * Runs `start` once the database is available, and retries it if the database becomes unavailable meanwhile. Fails at
 * once if the credentials, the database name or the certificate are wrong, otherwise after
 * `TBG_DATABASE_START_TIMEOUT_MS`. The timeout does not interrupt `start`.
 */
export const withDatabase = Effect.fnUntraced(function* <A, E>(start: Effect.Effect<A, E | DependencyDown>) {
  const { startTimeoutMs, target } = (yield* AppConfig).database
  const { probe } = yield* Database
  const deadline = (yield* Clock.currentTimeMillis) + startTimeoutMs
  let last = new DependencyDown({ fault: "timeout" })
  const giveUp = Effect.suspend(() => {
    const { fix, problem } = databaseAdvice(target, last)
    return new DatabaseUnavailable({ message: `${problem} (retried for ${startTimeoutMs / 1000} s); ${fix}` })
  })
  const attempt = Effect.gen(function* () {
    const left = deadline - (yield* Clock.currentTimeMillis)
    yield* left > 0 ? Effect.timeoutOrElse(probe, { duration: left, orElse: () => giveUp }) : giveUp
    return yield* start
  })
  const isDown = (error: E | DependencyDown | DatabaseUnavailable): error is DependencyDown =>
    Predicate.isTagged(error, "DependencyDown")
  const explain = Effect.fnUntraced(function* (down: DependencyDown) {
    if (isPermanent(down)) return yield* new DatabaseUnavailable({ message: sentenceOf(databaseAdvice(target, down)) })
    last = down
    const facts = { database: describeDatabase(target), fault: down.fault }
    yield* Effect.annotateLogs(Effect.logWarning("Postgres unavailable; retrying"), facts)
    return yield* down
  })
  return yield* attempt.pipe(
    Effect.catchIf(isDown, explain),
    Effect.retry({ while: isDown, schedule: Schedule.spaced(retryInterval) })
  )
})
