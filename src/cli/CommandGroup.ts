import { Effect } from "effect"
import { Command } from "effect/cli"
import { Misused } from "./Report.ts"

/** A command that needs a subcommand. The library would print the help and exit with 0, which hides a broken script. */
export const commandGroup = <const Subcommands extends ReadonlyArray<Command.Command.Any>>(
  name: string,
  description: string,
  subcommands: Subcommands
) => {
  const names = subcommands.map((subcommand) => subcommand.name).join(", ")
  const message = `tbg ${name}: expected one of ${names}\nsee tbg ${name} --help`
  return Command.make(name, {}, () => Effect.fail(new Misused({ message }))).pipe(
    Command.withDescription(description),
    Command.withSubcommands(subcommands)
  )
}
