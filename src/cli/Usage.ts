import { Console, Effect, Layer } from "effect"
import { CliConfig, CliOutput, GlobalFlag } from "effect/cli"
import type { CliError } from "effect/cli"
import { Ended } from "./Ended.ts"

/** The wizard and `--log-level` are left out: `TBG_LOG_LEVEL` is the level of the log. */
const flags = CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })

const meantBy = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

/** In quotes, without a control character that the terminal would obey: JSON leaves those of C1 as they are. */
const quoted = (typed: string): string =>
  JSON.stringify(typed).replaceAll(
    /[\u007F-\u009F]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** The library's words for how often a flag was given stand where its value would. */
const timesGiven = /^(\d+) occurrences$/u

/** In the words of the other refusals. */
const wordsOf = (error: CliError.NonShowHelpErrors): string => {
  switch (error._tag) {
    case "UnknownSubcommand":
      return `${quoted(error.subcommand)}: no such command${meantBy(error.suggestions)}`
    case "UnrecognizedOption":
      return `${quoted(error.option)}: no such flag${meantBy(error.suggestions)}`
    case "MissingOption":
      return `--${error.option}: missing`
    case "MissingArgument":
      return `${error.argument.toUpperCase()}: missing`
    case "UnexpectedArgument":
      return `${error.arguments.map(quoted).join(", ")}: more than is wanted`
    case "InvalidValue": {
      const name = error.kind === "argument" ? error.option.toUpperCase() : `--${error.option}`
      if (error.value === "") return `${name}: no value`
      const times = timesGiven.exec(error.value)?.[1]
      if (times !== undefined) return `${name}: given ${times} times`
      return `${name} ${quoted(error.value)}: wanted ${error.expected.replace(/^Expected:? /, "")}`
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
