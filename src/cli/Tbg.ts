import { Command } from "effect/cli"
import { Config } from "./Config.ts"
import { Healthcheck } from "./Healthcheck.ts"
import { Limits } from "./Limits.ts"
import { Migrate } from "./Migrate.ts"
import { OpenApi } from "./OpenApi.ts"
import { Serve } from "./Serve.ts"

export const Tbg = Command.make("tbg").pipe(
  Command.withDescription("The Bitcoin Game API"),
  Command.withSubcommands([Serve, Config, OpenApi, Healthcheck, Limits, Migrate])
)
