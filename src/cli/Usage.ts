import { Console, Effect, Layer } from "effect"
import { CliConfig, CliOutput, GlobalFlag } from "effect/cli"
import type { CliError } from "effect/cli"
import { Ended } from "./Ended.ts"

/** The wizard and `--log-level` are left out: `TBG_LOG_LEVEL` is the level of the log. */
const flags = CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })

const meantBy = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

/** In the words of the other refusals; what was typed is quoted, so that no control character reaches the terminal. */
const wordsOf = (error: CliError.NonShowHelpErrors): string => {
  switch (error._tag) {
    case "UnknownSubcommand":
      return `${JSON.stringify(error.subcommand)}: no such command${meantBy(error.suggestions)}`
    case "UnrecognizedOption":
      return `${JSON.stringify(error.option)}: no such flag${meantBy(error.suggestions)}`
    case "MissingOption":
      return `--${error.option}: missing`
    case "MissingArgument":
      return `${error.argument.toUpperCase()}: missing`
    case "UnexpectedArgument":
      return `${error.arguments.map((argument) => JSON.stringify(argument)).join(", ")}: more than is wanted`
    case "InvalidValue": {
      const name = error.kind === "argument" ? error.option.toUpperCase() : `--${error.option}`
      if (error.value === "") return `${name}: no value`
      return `${name} ${JSON.stringify(error.value)}: wanted ${error.expected.replace(/^Expected:? /, "")}`
    }
    case "DuplicateOption":
    case "UserError":
    case "ValidationError":
      return error.message
  }
}

/** Why, and where the help is: the help itself would push the reason off the screen, and is no output of a command. */
const presenter = CliOutput.layerPresenter({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const command = event.commandPath.join(" ")
    return Console.error([...event.errors.map(wordsOf), `see ${command} --help`].join("\n"))
  }
})

/** How the program takes a command line, and answers one that it cannot take. */
export const layer = Layer.merge(flags, presenter)

/** A command that was given wrongly ends as `Misused` does; the library's own code for it is 1. */
export const endMisused = ({ errors }: CliError.ShowHelp): Effect.Effect<void, Ended> =>
  errors.length === 0 ? Effect.void : Effect.fail(new Ended({ code: 64 }))
