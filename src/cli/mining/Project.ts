import { Effect, Layer } from "effect"
import { Command } from "effect/cli"
import { Infrastructure, Startup } from "../../App.ts"
import { Services } from "../../Services.ts"
import { ProbeServer } from "../../http/Server.ts"
import { AppConfig, describeDatabase, describeRedis } from "../../layers/AppConfig.ts"
import { RuntimeMetrics } from "../../layers/RuntimeMetrics.ts"
import * as Telemetry from "../../layers/Telemetry.ts"
import { miningProjection } from "../../Mining.ts"
import { ownUrl, prepare, Watchdog, withServiceLog } from "../Serve.ts"

const logListening = Effect.gen(function* () {
  const { appVersion, database, environment, mining } = yield* AppConfig
  yield* Effect.annotateLogs(Effect.logInfo("listening"), {
    url: yield* ownUrl,
    database: describeDatabase(database.target),
    redis: describeRedis(mining.redis),
    environment,
    version: appVersion
  })
})

/** The projection, with probes and metrics on the port. */
const service = Layer.merge(Watchdog, Layer.effectDiscard(logListening)).pipe(
  Layer.provideMerge(ProbeServer),
  Layer.provideMerge(miningProjection({ logsPostgres: true })),
  Layer.provideMerge(Startup),
  Layer.provideMerge(Services),
  Layer.provideMerge(Infrastructure),
  Layer.provideMerge(RuntimeMetrics),
  Layer.provide(Telemetry.layer)
)

const project = Layer.launch(service).pipe(
  Effect.onInterrupt(() => Effect.logInfo("stopped")),
  (run) => Effect.andThen(prepare, run),
  withServiceLog
)

export const Project = Command.make("project", {}, () => Effect.provide(project, AppConfig.layer)).pipe(
  Command.withDescription("Project mining events until SIGTERM; serves only probes and metrics; one process leads")
)
