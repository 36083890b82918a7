import { Cause, Console, Effect, Layer, Redacted, Ref, Schedule } from "effect"
import * as Runtime from "effect/Runtime"
import { Command, Flag } from "effect/cli"
import { HttpServer } from "effect/http"
import { App, appWith } from "../App.ts"
import { Drain } from "../http/Drain.ts"
import { AppConfig, describeDatabase, describeRedis } from "../layers/AppConfig.ts"
import type { ConfigInvalid } from "../layers/AppConfig.ts"
import { isDeployed, isPlaceholder } from "../layers/config/Rules.ts"
import * as CrashLog from "../layers/CrashLog.ts"
import * as Logger from "../layers/Logger.ts"
import { LogWriter } from "../layers/LogWriter.ts"
import { Migrations } from "../layers/Migrations.ts"
import { DemoFleet, DemoMining, onDemoNetwork } from "./demo/DemoFleet.ts"
import { demoKey, demoTeamName } from "./demo/DemoTeam.ts"
import { authorityOf } from "./Healthcheck.ts"
import { describeFailure, ExitWith, refusalIn, refuseDeployed } from "./CommandParts.ts"

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

/** Disables Node's inspector when deployed, and logs what operators should know about the configuration. */
export const prepare = Effect.gen(function* () {
  const { apiKeys, database, environment, http, redis, warnings } = yield* AppConfig
  // SIGUSR1 would open Node's inspector, whose clients can run any code.
  if (isDeployed(environment)) process.on("SIGUSR1", () => {})
  yield* Effect.forEach(warnings, (warning) => Effect.logWarning(warning), { discard: true })
  if (isPlaceholder(apiKeys.secret) && !isLoopback(http.host)) {
    const line = "TBG_SECRET_KEY is the published development secret and other machines can connect; set another one"
    yield* Effect.annotateLogs(Effect.logWarning(line), { host: http.host })
  }
  if (database.target._tag === "Embedded") {
    const { folder } = database.target
    const consequence = folder === undefined ? "all data is lost when the process exits" : `data is kept in ${folder}`
    yield* Effect.logWarning(`embedded database in use (${environment}); ${consequence}`)
  }
  if (redis.target._tag === "Embedded") {
    yield* Effect.logWarning("in-process rate limiter: limits are not shared between processes")
  }
})

/** URL of this process. A wildcard address becomes `localhost`, because clients cannot connect to it. */
export const ownUrl = Effect.gen(function* () {
  const { host, port } = (yield* AppConfig).http
  const { address } = yield* HttpServer.HttpServer
  const isWildcard = host === "0.0.0.0" || host === "::"
  return `http://${authorityOf(isWildcard ? "localhost" : host, "port" in address ? address.port : port)}`
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

/** Longer than the log writer holds lines back. */
const flushDelay = "100 millis"

/** Milliseconds from the shutdown timeout to the exit by the watchdog. */
const watchdogGraceMs = 1000

/**
 * Exits if the shutdown takes a second longer than `TBG_SHUTDOWN_DELAY_MS` plus `TBG_SHUTDOWN_TIMEOUT_MS`. A connection
 * to a frozen Postgres, for example, cannot be closed. The watchdog depends on all other layers, so its finalizer runs
 * first.
 */
export const Watchdog = Layer.effectDiscard(
  Effect.gen(function* () {
    const { shutdown } = yield* AppConfig
    const timeoutMs = shutdown.delayMs + shutdown.timeoutMs
    const exit = Effect.logError("shutdown takes too long; ending the process").pipe(
      Effect.annotateLogs({ timeout_ms: timeoutMs }),
      Effect.andThen(Effect.sleep(flushDelay)),
      Effect.andThen(Effect.sync(() => process.exit(1)))
    )
    yield* Effect.addFinalizer(() => Effect.forkDetach(Effect.delay(exit, timeoutMs + watchdogGraceMs)))
  })
)

/** Logs a failure in one line and exits with its code. */
const logFailure = (cause: Cause.Cause<unknown>): Effect.Effect<never, ExitWith> =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.interrupt
    : Effect.andThen(
        Effect.logFatal(describeFailure(cause)),
        Effect.fail(new ExitWith({ code: Runtime.getErrorExitCode(Cause.squash(cause)) }))
      )

const pollInterval = Schedule.spaced("1 second")

/** Waits for the tables, which another process creates if `TBG_MIGRATE_ON_START=false`. */
const waitForMigrations = Effect.gen(function* () {
  const { status } = yield* Migrations
  const isMigrated = Effect.map(status, (all) => all.every(({ appliedAt }) => appliedAt !== null))
  yield* Effect.repeat(Effect.retry(isMigrated, pollInterval), { until: (isDone) => isDone, schedule: pollInterval })
})

/** Prints the key instead of logging it, because logs contain no keys (contract section 4). */
const Demo = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* waitForMigrations
    const { docs, page } = yield* AppConfig
    const url = yield* ownUrl
    const key = Redacted.value(yield* demoKey)
    const pageLine = page.enabled ? `Page: ${url}/\n` : ""
    const docsLine = docs.enabled ? `Docs: ${url}/docs\n` : ""
    yield* Console.error(`\n${pageLine}${docsLine}API key of team ${demoTeamName}, valid until the next start: ${key}`)
    yield* Console.error(`Try: curl -H "Authorization: Bearer ${key}" ${url}/v1/teams/${demoTeamName}/posts`)
    const { miner } = yield* DemoFleet
    const urls = miner === undefined ? "" : `Pool: ${url}/api/v1/pool\nMiner: ${url}/api/v1/miners/${miner}\n`
    yield* Console.error(urls)
  })
)

/** Runs the service until it is interrupted. Logs "stopped" after everything is closed. */
const launch = Effect.fnUntraced(function* (isDemo: boolean) {
  const drained = yield* Ref.make(Effect.succeed(0))
  const KeepDrained = Layer.effectDiscard(Effect.flatMap(Drain, (drain) => Ref.set(drained, drain.drained)))
  const service = Layer.merge(Watchdog, KeepDrained).pipe(Layer.provideMerge(Layer.effectDiscard(logListening)))
  const logStopped = Effect.flatMap(Effect.flatten(Ref.get(drained)), (count) =>
    Effect.annotateLogs(Effect.logInfo("stopped"), { drained: count })
  )
  const run = isDemo
    ? Layer.launch(Demo.pipe(Layer.provideMerge(service), Layer.provideMerge(appWith(DemoMining))))
    : Layer.launch(Layer.provideMerge(service, App))
  return yield* Effect.onInterrupt(run, () => logStopped)
})

/** Runs a program with service logging. A failure is logged as the last line. */
export const withServiceLog = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  program.pipe(
    Effect.catchCause(logFailure),
    Effect.provide(CrashLog.layer),
    Effect.provide(Logger.layer),
    Effect.provide(LogWriter.layer)
  )

const serve = (isDemo: boolean) => withServiceLog(Effect.andThen(prepare, launch(isDemo)))

const demo = Flag.Boolean("demo").pipe(
  Flag.withDescription(
    "Add team demo with posts and a key, and simulate miners on embedded stores; refused in staging and production"
  ),
  Flag.withDefault(false)
)

const demoFlag = ["--demo", "it creates demo data; run tbg serve"] as const

/** Prints why `--demo` is refused even if settings are missing, as with `make start` in production. */
const explainDemo = ({ environment }: ConfigInvalid) => {
  const refusal = refusalIn(environment, ...demoFlag)
  return refusal === undefined ? Effect.void : Console.error(refusal.message)
}

export const Serve = Command.make("serve", { demo }, (flags) =>
  Effect.andThen(flags.demo ? refuseDeployed(...demoFlag) : Effect.void, serve(flags.demo)).pipe(
    Effect.provide(flags.demo ? Layer.provide(onDemoNetwork, AppConfig.layer) : AppConfig.layer),
    Effect.tapErrorTag("ConfigInvalid", (invalid) => (flags.demo ? explainDemo(invalid) : Effect.void))
  )
).pipe(Command.withDescription("Run the service until SIGTERM, SIGINT or SIGHUP, then drain and exit with code 0"))
