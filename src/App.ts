import { Effect, Layer, Predicate, Schedule, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import type { DependencyDown, Fault } from "./domain/Dependency.ts"
import { Server } from "./http/Server.ts"
import { AppConfig, describeDatabase } from "./layers/AppConfig.ts"
import { Database } from "./layers/Database.ts"
import { Migrations } from "./layers/Migrations.ts"
import { Redis } from "./layers/Redis.ts"
import { About } from "./services/About.ts"
import { DatabaseHealth } from "./services/DatabaseHealth.ts"
import { RateLimiter } from "./services/RateLimiter.ts"
import { Readiness } from "./services/Readiness.ts"

/** The database did not answer within `TBG_DATABASE_START_TIMEOUT_MS`. */
export class DatabaseAway extends Schema.TaggedError<DatabaseAway>()("DatabaseAway", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 69
}

/** Postgres with its migrations, and Redis: what stands between the services and the outside. */
export const Infrastructure = Layer.mergeAll(Migrations.layer.pipe(Layer.provideMerge(Database.layer)), Redis.layer)

/** Every service, joined to the layers that it is told about in plain effects. */
export const Services = Layer.unwrap(
  Effect.gen(function* () {
    const config = yield* AppConfig
    const database = yield* Database
    const redis = yield* Redis
    const migrations = yield* Migrations
    return DatabaseHealth.layer({
      figures: database.figures,
      migration: migrations.newest,
      drift: migrations.drift
    }).pipe(
      Layer.provideMerge(
        Readiness.layer({
          database: database.probe,
          redis: redis.probe,
          requiresRedis: config.readiness.requiresRedis,
          timeoutMs: config.readiness.timeoutMs
        })
      ),
      Layer.merge(
        RateLimiter.layer({
          store: redis.admissions,
          budgetMs: config.rateLimit.budgetMs,
          replicas: config.rateLimit.replicas,
          maxKeys: config.rateLimit.maxKeys
        })
      ),
      Layer.merge(
        About.layer({
          version: config.appVersion,
          environment: config.environment,
          buildSha: config.buildSha,
          migration: migrations.newest
        })
      )
    )
  })
)

const betweenTries = "1 second"

/** Waits for the database, logging each try; fails when `TBG_DATABASE_START_TIMEOUT_MS` have passed. */
const databaseAnswers = Effect.gen(function* () {
  const { database } = yield* AppConfig
  const { probe } = yield* Database
  const where = describeDatabase(database.target)
  const seconds = database.startTimeoutMs / 1000
  let last: Fault = "timeout"
  const tryAgain = ({ fault }: DependencyDown) => {
    last = fault
    const line = Effect.logWarning("the database does not answer, trying again")
    return Effect.annotateLogs(line, { database: where, fault })
  }
  const giveUp = Effect.suspend(() =>
    Effect.fail(new DatabaseAway({ message: `no answer from the database ${where} in ${seconds} s: ${last}` }))
  )
  yield* probe.pipe(
    Effect.tapError(tryAgain),
    Effect.retry(Schedule.spaced(betweenTries)),
    Effect.timeoutOrElse({ duration: database.startTimeoutMs, orElse: () => giveUp })
  )
})

/**
 * What has to be true before the port opens: the database answers and its schema is ours. With
 * `TBG_MIGRATE_ON_START=false` a job sees to that; the service then starts at once and learns the schema's version
 * when the job is done.
 */
const Started = Layer.effectDiscard(
  Effect.gen(function* () {
    const { migrations } = yield* AppConfig
    const { newest, refresh, up } = yield* Migrations
    if (migrations.onStart) return yield* Effect.andThen(databaseAnswers, up)
    const known = Effect.andThen(Effect.retry(refresh, Schedule.spaced(betweenTries)), newest)
    const step = { schedule: Schedule.spaced(betweenTries), until: Predicate.isNotUndefined }
    return yield* Effect.forkScoped(Effect.repeat(known, step))
  })
)

/**
 * Readiness says `draining` and requests still succeed for `TBG_SHUTDOWN_DELAY_MS`, so that load balancers look away
 * first. It depends on the server, because finalisers run in the reverse order: this one before the server's own.
 */
const LameDuck = Layer.effectDiscard(
  Effect.gen(function* () {
    const { shutdown } = yield* AppConfig
    const { drain } = yield* Readiness
    yield* Effect.addFinalizer(() =>
      Effect.logInfo("draining").pipe(
        Effect.annotateLogs({ delay_ms: shutdown.delayMs }),
        Effect.andThen(drain),
        Effect.andThen(Effect.sleep(shutdown.delayMs))
      )
    )
  })
)

/** The whole service: it needs the configuration and a logger, listens, and drains when its scope closes. */
export const App = LameDuck.pipe(
  Layer.provideMerge(Server),
  Layer.provideMerge(Started),
  Layer.provideMerge(Services),
  Layer.provideMerge(Infrastructure)
)
