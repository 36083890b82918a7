import { Effect } from "effect"
import { Command } from "effect/cli"
import { Misused } from "./Report.ts"

/**
 * A command that is only a name for others. Without one of them it is wrong: by itself it would print its help and end
 * with 0, and a script that forgot the word would go on.
 */
export const commandGroup = <const Subcommands extends ReadonlyArray<Command.Command.Any>>(
  name: string,
  description: string,
  subcommands: Subcommands
) => {
  const wanted = subcommands.map((subcommand) => subcommand.name).join(", ")
  const message = `tbg ${name}: wanted one of ${wanted}\nsee tbg ${name} --help`
  return Command.make(name, {}, () => Effect.fail(new Misused({ message }))).pipe(
    Command.withDescription(description),
    Command.withSubcommands(subcommands)
  )
}
