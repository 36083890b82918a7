import { Effect, References, Schema } from "effect"
import { Command, Flag, Param } from "effect/cli"
import { AppConfig } from "../layers/AppConfig.ts"
import { UsageError } from "./CommandErrors.ts"

export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON"), Flag.withDefault(false))

/** Decodes a flag or an argument. `expected` describes the valid values. */
export const decodeWith = <A>(schema: Schema.Codec<A, string>, expected: string) =>
  Param.filterMap(Schema.decodeOption(schema), () => expected)

/** Provides the configuration and silences the log. */
export const quietly = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  command.pipe(Effect.provide(AppConfig.layer), Effect.provideService(References.MinimumLogLevel, "None"))

/** Command that requires a subcommand. The library would print the help and exit with 0, which hides broken scripts. */
export const commandGroup = <const Subcommands extends ReadonlyArray<Command.Command.Any>>(
  name: string,
  description: string,
  subcommands: Subcommands
) => {
  const names = subcommands.map((subcommand) => subcommand.name).join(", ")
  const message = `tbg ${name}: expected one of ${names}\nsee tbg ${name} --help`
  return Command.make(name, {}, () => Effect.fail(new UsageError({ message }))).pipe(
    Command.withDescription(description),
    Command.withSubcommands(subcommands)
  )
}
