import { Effect, Layer } from "effect"
import { Command } from "effect/cli"
import { projecting, Startup, TeamServices } from "../../App.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { Database } from "../../layers/Database.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { RuntimeMetrics } from "../../layers/RuntimeMetrics.ts"
import * as Telemetry from "../../layers/Telemetry.ts"
import { prepare, Watchdog, withServiceLog } from "../Serve.ts"

/** The projection alone: no port. */
const service = Watchdog.pipe(
  Layer.provideMerge(projecting({ logsPostgres: true })),
  Layer.provideMerge(Startup),
  Layer.provideMerge(TeamServices),
  Layer.provideMerge(Migrations.layer),
  Layer.provideMerge(Database.layer),
  Layer.provideMerge(RuntimeMetrics),
  Layer.provide(Telemetry.layer)
)

const project = Layer.launch(service).pipe(
  Effect.onInterrupt(() => Effect.logInfo("stopped")),
  (run) => Effect.andThen(prepare, run),
  withServiceLog
)

export const Project = Command.make("project", {}, () => Effect.provide(project, AppConfig.layer)).pipe(
  Command.withDescription("Project mining events until SIGTERM, without serving requests; one such process leads")
)
