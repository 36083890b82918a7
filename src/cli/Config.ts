import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { alignColumns } from "../baseline/Columns.ts"
import { AppConfig } from "../layers/AppConfig.ts"
import { json } from "./CommandParts.ts"

const table = (entries: AppConfig["Service"]["entries"]): string =>
  alignColumns(entries.map(({ source, value, variable }) => [variable, value, source]))

export const Config = Command.make("config", { json }, (flags) =>
  Effect.gen(function* () {
    const { entries, warnings } = yield* AppConfig
    yield* Effect.forEach(warnings, (warning) => Console.error(`warning: ${warning}`), { discard: true })
    yield* Console.log(flags.json ? JSON.stringify(entries, undefined, 2) : table(entries))
  }).pipe(Effect.provide(AppConfig.layer))
).pipe(Command.withDescription("Print the effective configuration with the source of each value; secrets are redacted"))
