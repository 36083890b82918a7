import { Cause, Console, Effect, Layer, Redacted, Ref, Schedule } from "effect"
import * as Runtime from "effect/Runtime"
import { Command, Flag } from "effect/cli"
import { HttpServer } from "effect/http"
import { App } from "../App.ts"
import { Drain } from "../http/Drain.ts"
import { AppConfig, describeDatabase, describeRedis } from "../layers/AppConfig.ts"
import type { ConfigInvalid } from "../layers/AppConfig.ts"
import { isPlaceholder } from "../layers/config/Secret.ts"
import { isDeployed } from "../layers/config/Rules.ts"
import * as CrashLog from "../layers/CrashLog.ts"
import * as Logger from "../layers/Logger.ts"
import { LogWriter } from "../layers/LogWriter.ts"
import { Migrations } from "../layers/Migrations.ts"
import { BeforeProjection } from "../services/mining/BeforeProjection.ts"
import { makeDemoMiners } from "./demo/DemoMiners.ts"
import { demoKey, demoTeamName } from "./demo/DemoTeam.ts"
import { refusalIn, refuseDeployed } from "./demo/Deployed.ts"
import { Ended, explanationOf } from "./Ended.ts"

type Config = AppConfig["Service"]

/** Returns whether only this machine can connect. */
const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

const logNotices = ({ apiKeys, database, environment, http, redis, warnings }: Config) =>
  Effect.gen(function* () {
    yield* Effect.forEach(warnings, (warning) => Effect.logWarning(warning), { discard: true })
    if (isPlaceholder(apiKeys.secret) && !isLoopback(http.host)) {
      const words = "the published development secret is in use, and other machines can connect; set TBG_SECRET_KEY"
      yield* Effect.annotateLogs(Effect.logWarning(words), { host: http.host })
    }
    if (database.target._tag === "Embedded") {
      const consequence =
        database.target.folder === undefined
          ? "in memory: all data is lost when the process exits"
          : `kept in ${database.target.folder}`
      yield* Effect.logWarning(`the database is embedded in this process (${environment}), ${consequence}`)
    }
    if (redis.target._tag === "Embedded") {
      yield* Effect.logWarning("in-process rate limiter: limits are not shared between processes")
    }
  })

/** Shows `localhost` for a wildcard address, because clients cannot connect to one. */
const urlOf = (host: string, port: number): string => {
  if (host === "0.0.0.0" || host === "::") return `http://localhost:${port}`
  return host.includes(":") ? `http://[${host}]:${port}` : `http://${host}:${port}`
}

const ownUrl = Effect.gen(function* () {
  const { http } = yield* AppConfig
  const { address } = yield* HttpServer.HttpServer
  return urlOf(http.host, "port" in address ? address.port : http.port)
})

const logListening = Effect.gen(function* () {
  const { appVersion, database, docs, environment, redis } = yield* AppConfig
  const { newest } = yield* Migrations
  const url = yield* ownUrl
  yield* Effect.annotateLogs(Effect.logInfo("listening"), {
    url,
    docs: docs.enabled ? `${url}/docs` : null,
    database: describeDatabase(database.target),
    redis: describeRedis(redis.target),
    schema: (yield* newest) ?? null,
    environment,
    version: appVersion,
    start_ms: Math.round(performance.now())
  })
})

const Listening = Layer.effectDiscard(logListening)

/** Longer than the log buffers its lines. */
const untilLogged = "100 millis"

/** Delay between the end of the shutdown timeout and the end of the process by the watchdog. */
const watchdogGraceMs = 1000

/**
 * Ends the process if the shutdown takes a second longer than `TBG_SHUTDOWN_DELAY_MS` plus `TBG_SHUTDOWN_TIMEOUT_MS`,
 * because a session with a frozen Postgres cannot be closed. It depends on all other layers, so its finalizer runs
 * first.
 */
export const Watchdog = Layer.effectDiscard(
  Effect.gen(function* () {
    const { shutdown } = yield* AppConfig
    const timeoutMs = shutdown.delayMs + shutdown.timeoutMs
    const giveUp = Effect.logError("shutdown takes too long; ending the process").pipe(
      Effect.annotateLogs({ timeout_ms: timeoutMs }),
      Effect.andThen(Effect.sleep(untilLogged)),
      Effect.andThen(Effect.sync(() => process.exit(1)))
    )
    yield* Effect.addFinalizer(() => Effect.forkDetach(Effect.delay(giveUp, timeoutMs + watchdogGraceMs)))
  })
)

/** Logs a failure in one line. */
const logFailure = (cause: Cause.Cause<unknown>): Effect.Effect<never, Ended> =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.interrupt
    : Effect.andThen(
        Effect.logFatal(explanationOf(cause)),
        Effect.fail(new Ended({ code: Runtime.getErrorExitCode(Cause.squash(cause)) }))
      )

const pollInterval = Schedule.spaced("1 second")

/** Waits for the tables, which a job creates if `TBG_MIGRATE_ON_START=false`. */
const untilMigrated = Effect.gen(function* () {
  const { status } = yield* Migrations
  const migrated = Effect.map(status, (steps) => steps.every(({ appliedAt }) => appliedAt !== null))
  yield* Effect.repeat(Effect.retry(migrated, pollInterval), { until: (done) => done, schedule: pollInterval })
})

/** Prints the key, because logs contain no keys (contract section 4). */
const Demo = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* untilMigrated
    const { docs } = yield* AppConfig
    const url = yield* ownUrl
    const key = Redacted.value(yield* demoKey)
    const docsLine = docs.enabled ? `Docs: ${url}/docs\n` : ""
    yield* Console.error(`\n${docsLine}API key of team ${demoTeamName}, valid until the next start: ${key}`)
    yield* Console.error(`Try: curl -H "Authorization: Bearer ${key}" ${url}/v1/teams/${demoTeamName}/posts\n`)
  })
)

/** Runs the service until it is interrupted. The last line is logged when everything is closed. */
const launched = Effect.fnUntraced(function* (isDemo: boolean) {
  const drained = yield* Ref.make(Effect.succeed(0))
  const KeepDrained = Layer.effectDiscard(Effect.flatMap(Drain, (drain) => Ref.set(drained, drain.drained)))
  const service = Layer.merge(Watchdog, KeepDrained).pipe(Layer.provideMerge(Listening), Layer.provideMerge(App))
  const logStopped = Effect.flatMap(Effect.flatten(Ref.get(drained)), (count) =>
    Effect.annotateLogs(Effect.logInfo("stopped"), { drained: count })
  )
  const miners = yield* makeDemoMiners
  const Miners = Layer.effectDiscard(Effect.forkScoped(miners.run))
  return yield* Layer.launch(isDemo ? Layer.provideMerge(Layer.merge(Demo, Miners), service) : service).pipe(
    Effect.provideService(BeforeProjection, isDemo ? miners.prepare : Effect.void),
    Effect.onInterrupt(() => logStopped)
  )
})

/** Ignores SIGUSR1, which would open Node's inspector and let any client of it run code. */
const keepInspectorClosed = ({ environment }: Config) =>
  Effect.sync(() => {
    if (isDeployed(environment)) process.on("SIGUSR1", () => {})
  })

/** Runs a program with the log of a service. A failure is its last line. */
export const withServiceLog = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  program.pipe(
    Effect.catchCause(logFailure),
    Effect.provide(CrashLog.layer),
    Effect.provide(Logger.layer),
    Effect.provide(LogWriter.layer)
  )

export const prepare = Effect.flatMap(AppConfig, (config) =>
  Effect.andThen(keepInspectorClosed(config), logNotices(config))
)

const serve = (isDemo: boolean) => withServiceLog(Effect.andThen(prepare, launched(isDemo)))

const demo = Flag.Boolean("demo").pipe(
  Flag.withDescription(
    "Add team demo with sample posts and a key, and print a curl line; refused in staging and production"
  ),
  Flag.withDefault(false)
)

const withoutDemo = ["--demo", "run tbg serve"] as const

/** Without the required settings, `make start` in production would not report that `--demo` is refused there. */
const explainDemo = ({ environment }: ConfigInvalid) => {
  const refusal = refusalIn(environment, ...withoutDemo)
  return refusal === undefined ? Effect.void : Console.error(refusal.message)
}

export const Serve = Command.make("serve", { demo }, (flags) =>
  Effect.andThen(flags.demo ? refuseDeployed(...withoutDemo) : Effect.void, serve(flags.demo)).pipe(
    Effect.provide(AppConfig.layer),
    Effect.tapErrorTag("ConfigInvalid", (invalid) => (flags.demo ? explainDemo(invalid) : Effect.void))
  )
).pipe(Command.withDescription("Run the service until SIGTERM, SIGINT or SIGHUP, then drain and exit with code 0"))
