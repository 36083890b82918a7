import { Cause, Console, Effect, Layer, Redacted, Schedule } from "effect"
import * as Runtime from "effect/Runtime"
import { Command, Flag } from "effect/cli"
import { HttpServer } from "effect/http"
import { App } from "../App.ts"
import { AppConfig, describeDatabase, describeRedis } from "../layers/AppConfig.ts"
import * as CrashLog from "../layers/CrashLog.ts"
import * as Logger from "../layers/Logger.ts"
import { LogWriter } from "../layers/LogWriter.ts"
import { Migrations } from "../layers/Migrations.ts"
import { demoKey, demoTeamName } from "./demo/DemoTeam.ts"
import { Ended, explanationOf } from "./Ended.ts"
import { Misused } from "./Report.ts"

type Config = AppConfig["Service"]

const logNotices = ({ database, environment, redis, warnings }: Config) =>
  Effect.gen(function* () {
    yield* Effect.forEach(warnings, (warning) => Effect.logWarning(warning), { discard: true })
    if (database.target._tag === "Embedded") {
      const fate =
        database.target.folder === undefined
          ? "it is in memory, and everything in it is gone when the process ends"
          : `it is kept in ${database.target.folder}`
      yield* Effect.logWarning(`the database is embedded in this process (${environment}): ${fate}`)
    }
    if (redis.target._tag === "Embedded")
      yield* Effect.logWarning("the rate limiter is embedded: each process has its own")
  })

/** A wildcard address is nowhere one can go. */
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
  const { appVersion, database, environment, redis } = yield* AppConfig
  const { newest } = yield* Migrations
  yield* Effect.annotateLogs(Effect.logInfo("listening"), {
    url: yield* ownUrl,
    database: describeDatabase(database.target),
    redis: describeRedis(redis.target),
    schema: (yield* newest) ?? null,
    environment,
    version: appVersion,
    start_ms: Math.round(performance.now())
  })
})

const Listening = Layer.effectDiscard(logListening)

/** Longer than the log's lines wait for others. */
const untilLogged = "100 millis"

/**
 * Ends the process when the drain has not by `TBG_SHUTDOWN_TIMEOUT_MS`: a session with a frozen server cannot be
 * closed, and would keep it for ever. It depends on all the rest, so that its finaliser is the first to run.
 */
const Watchdog = Layer.effectDiscard(
  Effect.gen(function* () {
    const { shutdown } = yield* AppConfig
    const giveUp = Effect.logError("the shutdown takes too long: giving up on what is still open").pipe(
      Effect.annotateLogs({ timeout_ms: shutdown.timeoutMs }),
      Effect.andThen(Effect.sleep(untilLogged)),
      Effect.andThen(Effect.sync(() => process.exit(1)))
    )
    yield* Effect.addFinalizer(() => Effect.forkDetach(Effect.delay(giveUp, shutdown.timeoutMs)))
  })
)

/** A failure is one line of the log, like everything else that the service says. */
const logFailure = (cause: Cause.Cause<unknown>): Effect.Effect<never, Ended> =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.interrupt
    : Effect.andThen(
        Effect.logFatal(explanationOf(cause)),
        Effect.fail(new Ended({ code: Runtime.getErrorExitCode(Cause.squash(cause)) }))
      )

const betweenLooks = Schedule.spaced("1 second")

/** With `TBG_MIGRATE_ON_START=false` the tables come when the job is done. */
const untilMigrated = Effect.gen(function* () {
  const { status } = yield* Migrations
  const migrated = Effect.map(status, (steps) => steps.every(({ appliedAt }) => appliedAt !== null))
  yield* Effect.repeat(Effect.retry(migrated, betweenLooks), { until: (done) => done, schedule: betweenLooks })
})

/** Printed, and not logged: no key is in any line of the log (contract section 4). */
const Demo = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* untilMigrated
    const key = Redacted.value(yield* demoKey)
    const url = `${yield* ownUrl}/v1/teams/${demoTeamName}/posts`
    yield* Console.error(`\nThe key of team ${demoTeamName}, until the next start: ${key}`)
    yield* Console.error(`Try: curl -H "Authorization: Bearer ${key}" ${url}\n`)
  })
)

const launched = (isDemo: boolean) => {
  const service = Watchdog.pipe(Layer.provideMerge(Listening), Layer.provideMerge(App))
  return isDemo ? Layer.launch(Layer.provideMerge(Demo, service)) : Layer.launch(service)
}

const serve = (isDemo: boolean) =>
  Effect.andThen(Effect.flatMap(AppConfig, logNotices), launched(isDemo)).pipe(
    Effect.catchCause(logFailure),
    Effect.provide(CrashLog.layer),
    Effect.provide(Logger.layer),
    Effect.provide(LogWriter.layer)
  )

const refuseInProduction = Effect.gen(function* () {
  const { environment } = yield* AppConfig
  if (environment !== "production" && environment !== "staging") return
  return yield* new Misused({
    message: `--demo is refused in ${environment}, because it prints an API key; run tbg serve, or set TBG_ENVIRONMENT=development`
  })
})

const demo = Flag.Boolean("demo").pipe(
  Flag.withDescription("Add team demo with a few posts and a key, and print a curl line; not in staging or production"),
  Flag.withDefault(false)
)

export const Serve = Command.make("serve", { demo }, (flags) =>
  Effect.andThen(flags.demo ? refuseInProduction : Effect.void, serve(flags.demo)).pipe(Effect.provide(AppConfig.layer))
).pipe(Command.withDescription("Run the service until SIGTERM or SIGINT, then drain and end with exit code 0"))
