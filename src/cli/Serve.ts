import { Cause, Effect, Layer } from "effect"
import * as Runtime from "effect/Runtime"
import { Command } from "effect/cli"
import { HttpServer } from "effect/http"
import { App } from "../App.ts"
import { AppConfig, describeDatabase, describeRedis } from "../layers/AppConfig.ts"
import * as Logger from "../layers/Logger.ts"
import { LogWriter } from "../layers/LogWriter.ts"
import { Migrations } from "../layers/Migrations.ts"
import { Ended, explanationOf } from "./Ended.ts"

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

const logListening = Effect.gen(function* () {
  const { appVersion, database, environment, http, redis } = yield* AppConfig
  const { address } = yield* HttpServer.HttpServer
  const { newest } = yield* Migrations
  const port = "port" in address ? address.port : http.port
  yield* Effect.annotateLogs(Effect.logInfo("listening"), {
    url: urlOf(http.host, port),
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
 * Ends the process when the drain has not by `TBG_SHUTDOWN_TIMEOUT_MS`: a session with a frozen server cannot be closed,
 * and would keep it for ever. It depends on all the rest, so that its finaliser is the first to run.
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

const serve = Effect.gen(function* () {
  yield* logNotices(yield* AppConfig)
  return yield* Layer.launch(Watchdog.pipe(Layer.provideMerge(Listening), Layer.provideMerge(App)))
}).pipe(
  Effect.catchCause(logFailure),
  Effect.provide(Logger.layer),
  Effect.provide(LogWriter.layer),
  Effect.provide(AppConfig.layer)
)

export const Serve = Command.make("serve", {}, () => serve).pipe(
  Command.withDescription("Run the service until SIGTERM or SIGINT, then drain and end with exit code 0")
)
