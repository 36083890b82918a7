import { Effect, Layer, Predicate, Schedule } from "effect"
import { Drain } from "./http/Drain.ts"
import { Server } from "./http/Server.ts"
import { AppConfig } from "./layers/AppConfig.ts"
import { Database } from "./layers/Database.ts"
import { retryInterval, withDatabase } from "./layers/DatabaseStartup.ts"
import { IdentityProvider } from "./layers/IdentityProvider.ts"
import { Migrations } from "./layers/Migrations.ts"
import { watchDrift } from "./layers/migrations/DriftWatch.ts"
import type { Refusal } from "./layers/migrations/Refusal.ts"
import { Redis } from "./layers/Redis.ts"
import { RuntimeMetrics } from "./layers/RuntimeMetrics.ts"
import * as Telemetry from "./layers/Telemetry.ts"
import { Mining } from "./Mining.ts"
import { LiveHub } from "./services/live/LiveHub.ts"
import { liveServices } from "./services/live/LiveServices.ts"
import { Outbox } from "./services/live/Outbox.ts"
import { checkStreams } from "./services/live/StreamChecks.ts"
import { logOutages } from "./services/OutageLog.ts"
import { Readiness } from "./services/Readiness.ts"
import { recordSecret } from "./services/SecretUse.ts"
import { isolationFacts, isolationWarnings } from "./services/TenantIsolation.ts"
import { Services } from "./Services.ts"

/** Postgres with its migrations, Redis and the identity provider. */
export const Infrastructure = Layer.mergeAll(
  Migrations.layer.pipe(Layer.provideMerge(Database.layer)),
  Redis.layer,
  IdentityProvider.layer
)

/** Polls the schema until it has a migration. Logs each failure once while it lasts. */
const waitForSchema = Effect.gen(function* () {
  const { newest, refresh } = yield* Migrations
  let last: string | undefined
  const logFailure = (refusal: Refusal) => {
    const reason = refusal._tag === "DependencyDown" ? refusal.fault : refusal.message
    const isSame = reason === last
    last = reason
    if (isSame) return Effect.void
    return Effect.annotateLogs(Effect.logWarning("schema unreadable; retrying"), { reason })
  }
  const refreshed = refresh.pipe(Effect.tapError(logFailure), Effect.retry(Schedule.spaced(retryInterval)))
  yield* Effect.repeat(Effect.andThen(refreshed, newest), {
    schedule: Schedule.spaced(retryInterval),
    until: Predicate.isNotUndefined
  })
})

/** Logs incomplete tenant isolation and missing rights, which do not stop the service. */
const warnOfIsolation = Effect.flatMap(isolationFacts, (facts) =>
  Effect.forEach(isolationWarnings(facts), (line) => Effect.logWarning(line), { discard: true }).pipe(
    Effect.annotateLogs({ role: facts.name })
  )
).pipe(Effect.ignore)

/**
 * Startup before the port opens: waits for the database and applies migrations. With `TBG_MIGRATE_ON_START=false`,
 * another process applies them. The service then starts at once and polls the schema in the background.
 */
export const Startup = Layer.effectDiscard(
  Effect.gen(function* () {
    const { migrations } = yield* AppConfig
    const { up } = yield* Migrations
    const checkDatabase = Effect.andThen(warnOfIsolation, Effect.ignore(recordSecret))
    if (migrations.onStart) yield* Effect.andThen(withDatabase(up), checkDatabase)
    else yield* Effect.forkScoped(Effect.andThen(waitForSchema, checkDatabase))
    yield* watchDrift(migrations.driftIntervalSeconds)
  })
)

/**
 * For `TBG_SHUTDOWN_DELAY_MS`, reports `draining` and closes each connection after its next response. Requests still
 * succeed while load balancers stop sending them. This layer depends on the server, so its finalizer runs first.
 */
const Draining = Layer.effectDiscard(
  Effect.gen(function* () {
    const { delayMs } = (yield* AppConfig).shutdown
    const readiness = yield* Readiness
    const drain = yield* Drain
    const live = yield* LiveHub
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        yield* Effect.annotateLogs(Effect.logInfo("draining"), { delay_ms: delayMs })
        yield* readiness.drain
        yield* drain.begin
        yield* live.drain(delayMs)
        yield* Effect.sleep(delayMs)
        yield* drain.finish
      })
    )
  })
)

/** Samples less often without a pool, because each sample then opens a connection. */
const OutageLog = Layer.effectDiscard(
  Effect.flatMap(AppConfig, ({ database }) => logOutages(database.pool ? "1 second" : "10 seconds"))
)

/** Open streams, and the checks of whether they may stay open. */
const LiveStreams = checkStreams("10 seconds").pipe(Layer.provideMerge(LiveHub.layer()), Layer.provide(Outbox.layer))

const Base = Startup.pipe(Layer.provideMerge(Services), Layer.provideMerge(Infrastructure))

/** The whole service. It needs the configuration and a logger, and drains when its scope closes. */
export const appWith = <A, E>(mining: Layer.Layer<A, E, Layer.Success<typeof Base> | AppConfig>) =>
  Layer.merge(Draining, OutageLog).pipe(
    Layer.provideMerge(Server),
    Layer.provideMerge(LiveStreams),
    Layer.provideMerge(liveServices),
    Layer.provideMerge(mining),
    Layer.provideMerge(Base),
    Layer.provideMerge(RuntimeMetrics),
    // Closes last, so that it exports everything.
    Layer.provide(Telemetry.layer)
  )

export const App = appWith(Mining)
