import { Console, Effect, Layer } from "effect"
import { CliConfig, CliOutput, GlobalFlag } from "effect/cli"
import type { CliError } from "effect/cli"
import { expectedBy, timesGiven } from "./CliMessages.ts"
import { Ended } from "./Ended.ts"

/** Leaves out the wizard, and `--log-level` because `TBG_LOG_LEVEL` sets the level. */
const flags = CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })

const meantBy = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

/** Quotes a text without control characters that a terminal would obey. JSON escapes all but those of C1. */
const quoted = (typed: string): string =>
  JSON.stringify(typed).replaceAll(
    /[\u007F-\u009F]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

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
      return `${error.arguments.map(quoted).join(", ")}: unexpected argument`
    case "InvalidValue": {
      const name = error.kind === "argument" ? error.option.toUpperCase() : `--${error.option}`
      if (error.value === "") return `${name}: no value`
      const times = timesGiven(error)
      if (times !== undefined) return `${name}: given ${times} times`
      return `${name} ${quoted(error.value)}: expected ${expectedBy(error)}`
    }
    case "DuplicateOption":
    case "UserError":
    case "ValidationError":
      return error.message
  }
}

/** Prints the reason and how to get help. The help itself would push the reason off the screen. */
const presenter = CliOutput.layerPresenter({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const command = event.commandPath.join(" ")
    return Console.error([...event.errors.map(wordsOf), `see ${command} --help`].join("\n"))
  }
})

/** Built-in flags, and the report of an invalid command line. */
export const layer = Layer.merge(flags, presenter)

/** Exits like `Misused` for an invalid command line; the library would exit with 1. */
export const endMisused = ({ errors }: CliError.ShowHelp): Effect.Effect<void, Ended> =>
  errors.length === 0 ? Effect.void : Effect.fail(new Ended({ code: 64 }))
