import { Effect, Layer, Predicate, Schedule } from "effect"
import { Drain } from "./http/Drain.ts"
import { Server } from "./http/Server.ts"
import { AppConfig } from "./layers/AppConfig.ts"
import { Database } from "./layers/Database.ts"
import { betweenTries, withDatabase } from "./layers/DatabaseStart.ts"
import { IdentityProvider } from "./layers/IdentityProvider.ts"
import { Migrations } from "./layers/Migrations.ts"
import { watchDrift } from "./layers/migrations/DriftWatch.ts"
import type { Refusal } from "./layers/migrations/Refusal.ts"
import { RedisStreams } from "./layers/mining/RedisStreams.ts"
import { Redis } from "./layers/Redis.ts"
import { RuntimeMetrics } from "./layers/RuntimeMetrics.ts"
import * as Telemetry from "./layers/Telemetry.ts"
import { About } from "./services/About.ts"
import { ApiKeys } from "./services/ApiKeys.ts"
import { Cursors } from "./services/Cursors.ts"
import { DatabaseHealth } from "./services/DatabaseHealth.ts"
import { Idempotency } from "./services/Idempotency.ts"
import { Identities } from "./services/Identities.ts"
import { Ids } from "./services/Ids.ts"
import { BeforeProjection } from "./services/mining/BeforeProjection.ts"
import { Gaps } from "./services/mining/Gaps.ts"
import { Leadership } from "./services/mining/Leadership.ts"
import { MiningSource, MiningStreams } from "./services/mining/MiningSource.ts"
import { MiningStatus } from "./services/mining/MiningStatus.ts"
import { Projection } from "./services/mining/Projection.ts"
import { ProjectionLoop } from "./services/mining/ProjectionLoop.ts"
import { logOutages } from "./services/OutageLog.ts"
import { Posts } from "./services/Posts.ts"
import { RateLimiter } from "./services/RateLimiter.ts"
import { Readiness } from "./services/Readiness.ts"
import { Secrets } from "./services/Secrets.ts"
import { noteSecret } from "./services/SecretUse.ts"
import { Teams } from "./services/Teams.ts"
import { isolationFacts, isolationWarnings } from "./services/TenantIsolation.ts"

/** Postgres with its migrations, Redis and the identity provider: what stands between the services and the outside. */
export const Infrastructure = Layer.mergeAll(
  Migrations.layer.pipe(Layer.provideMerge(Database.layer)),
  Redis.layer,
  IdentityProvider.layer
)

/** Teams, their keys and what belongs to them, over `SqlClient` alone. */
export const TeamServices = Layer.unwrap(
  Effect.map(AppConfig, ({ apiKeys: { cacheSeconds, previousSecret, secret } }) =>
    Layer.mergeAll(Teams.layer, ApiKeys.layer({ cacheSeconds }), Posts.layer, Idempotency.layer, Cursors.layer).pipe(
      Layer.provideMerge(Layer.merge(Ids.layer, Secrets.layer({ current: secret, previous: previousSecret })))
    )
  )
)

/** Every service, joined to the layers that it is told about in plain effects. */
export const Services = Layer.unwrap(
  Effect.gen(function* () {
    const config = yield* AppConfig
    const database = yield* Database
    const redis = yield* Redis
    const { tokens } = yield* IdentityProvider
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
      Layer.merge(TeamServices),
      Layer.merge(Identities.layer(tokens)),
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

/** Projects mining events, from Redis or, without a server, from streams in this process. The tables must exist. */
export const projecting = (options: { readonly logsPostgres: boolean }) =>
  Layer.effectDiscard(Effect.flatMap(ProjectionLoop, ({ start }) => start)).pipe(
    Layer.provideMerge(ProjectionLoop.layer(options)),
    Layer.provide(Gaps.layer),
    Layer.provide(Layer.unwrap(Effect.map(AppConfig, ({ mining }) => Projection.layer(mining)))),
    Layer.provide(
      Layer.unwrap(
        Effect.gen(function* () {
          const embedded = yield* MiningStreams
          const { read = embedded.read } = yield* RedisStreams
          return MiningSource.layer(read)
        })
      )
    ),
    Layer.provide([Leadership.layer, Ids.layer, RedisStreams.layer]),
    Layer.provideMerge(MiningStreams.layer)
  )

const Mining = Layer.unwrap(
  Effect.map(AppConfig, ({ mining }) => {
    if (!mining.projection) return MiningStatus.layer(Effect.succeed(false))
    const status = Layer.unwrap(Effect.map(ProjectionLoop, ({ isLeader }) => MiningStatus.layer(isLeader)))
    return Layer.provideMerge(status, projecting({ logsPostgres: false }))
  })
)

/** Learns the schema until it has a newest step; of failures of the same words one is logged. */
const learnSchema = Effect.gen(function* () {
  const { newest, refresh } = yield* Migrations
  let last: string | undefined
  const logFailure = (refusal: Refusal) => {
    const reason = refusal._tag === "DependencyDown" ? refusal.fault : refusal.message
    const isSame = reason === last
    last = reason
    if (isSame) return Effect.void
    return Effect.annotateLogs(Effect.logWarning("the schema cannot be read, trying again"), { reason })
  }
  const known = refresh.pipe(Effect.tapError(logFailure), Effect.retry(Schedule.spaced(betweenTries)))
  yield* Effect.repeat(Effect.andThen(known, newest), {
    schedule: Schedule.spaced(betweenTries),
    until: Predicate.isNotUndefined
  })
})

/** Reports incomplete tenant isolation and missing rights at startup; neither stops the service. */
const warnOfIsolation = Effect.flatMap(isolationFacts, (facts) =>
  Effect.forEach(isolationWarnings(facts), (line) => Effect.logWarning(line), { discard: true }).pipe(
    Effect.annotateLogs({ role: facts.name })
  )
).pipe(Effect.ignore)

/**
 * What has to be true before the port opens: the database answers and its schema is ours. With
 * `TBG_MIGRATE_ON_START=false` a job migrates; the service starts at once and learns the schema's version later.
 */
export const Started = Layer.effectDiscard(
  Effect.gen(function* () {
    const { migrations } = yield* AppConfig
    const { up } = yield* Migrations
    const look = Effect.andThen(warnOfIsolation, Effect.ignore(noteSecret))
    if (migrations.onStart) yield* Effect.andThen(withDatabase(up), Effect.andThen(look, yield* BeforeProjection))
    else yield* Effect.forkScoped(Effect.andThen(learnSchema, look))
    yield* watchDrift(migrations.driftIntervalSeconds)
  })
)

/**
 * Reports `draining` and closes each connection after its next response for `TBG_SHUTDOWN_DELAY_MS`, while requests
 * still succeed, so that load balancers send none to a closed port. It depends on the server, so its finalizer runs
 * before the server's own.
 */
const Draining = Layer.effectDiscard(
  Effect.gen(function* () {
    const { delayMs } = (yield* AppConfig).shutdown
    const readiness = yield* Readiness
    const drain = yield* Drain
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        yield* Effect.annotateLogs(Effect.logInfo("draining"), { delay_ms: delayMs })
        yield* readiness.drain
        yield* drain.begin
        yield* Effect.sleep(delayMs)
        yield* drain.finish
      })
    )
  })
)

const OutageLog = Layer.effectDiscard(
  Effect.flatMap(AppConfig, ({ database }) => logOutages(database.pool ? "1 second" : "10 seconds"))
)

/** The whole service: it needs the configuration and a logger, listens, and drains when its scope closes. */
export const App = Layer.merge(Draining, OutageLog).pipe(
  Layer.provideMerge(Server),
  Layer.provideMerge(Mining),
  Layer.provideMerge(Started),
  Layer.provideMerge(Services),
  Layer.provideMerge(Infrastructure),
  Layer.provideMerge(RuntimeMetrics),
  // Ends last, when there is nothing left to tell of.
  Layer.provide(Telemetry.layer)
)
