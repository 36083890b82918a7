import { Command } from "effect/cli"
import { Config } from "./Config.ts"
import { Dev } from "./Dev.ts"
import { Doctor } from "./Doctor.ts"
import { Healthcheck } from "./Healthcheck.ts"
import { Keys } from "./Keys.ts"
import { Limits } from "./Limits.ts"
import { Migrate } from "./Migrate.ts"
import { Mining } from "./mining/Mining.ts"
import { OpenApi } from "./OpenApi.ts"
import { Purge } from "./Purge.ts"
import { Seed } from "./Seed.ts"
import { Serve } from "./Serve.ts"
import { Simulate } from "./Simulate.ts"
import { Sessions } from "./Sessions.ts"
import { Teams } from "./Teams.ts"

export const Tbg = Command.make("tbg").pipe(
  Command.withDescription("The Bitcoin Game API"),
  Command.withSubcommands([
    Serve,
    Migrate,
    Teams,
    Keys,
    Mining,
    Sessions,
    Seed,
    Simulate,
    Purge,
    Limits,
    Doctor,
    Config,
    OpenApi,
    Healthcheck,
    Dev
  ])
)
