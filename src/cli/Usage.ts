import { Console, Effect, Layer } from "effect"
import { CliConfig, CliOutput, GlobalFlag } from "effect/cli"
import type { CliError } from "effect/cli"
import { ExitWith } from "./CommandParts.ts"

/** Omits the wizard, and `--log-level` because `TBG_LOG_LEVEL` sets the level. */
const flags = CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })

const suggestionOf = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

/** Quotes text and escapes control characters that a terminal would obey. JSON escapes all except C1. */
const quote = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007F-\u009F]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** How often a flag was given. For a repeated flag, effect/cli 4.1 reports "2 occurrences" as its value. */
const timesGiven = ({ value }: CliError.InvalidValue): string | undefined => /^(\d+) occurrences$/u.exec(value)?.[1]

/** Expected values of a flag or argument, which effect/cli 4.1 begins with "Expected" for some types. */
const expectedBy = ({ expected }: CliError.InvalidValue): string => expected.replace(/^Expected:? /, "")

const messageOf = (error: CliError.NonShowHelpErrors): string => {
  switch (error._tag) {
    case "UnknownSubcommand":
      return `${quote(error.subcommand)}: no such command${suggestionOf(error.suggestions)}`
    case "UnrecognizedOption":
      return `${quote(error.option)}: no such flag${suggestionOf(error.suggestions)}`
    case "MissingOption":
      return `--${error.option}: missing`
    case "MissingArgument":
      return `${error.argument.toUpperCase()}: missing`
    case "UnexpectedArgument":
      return `${error.arguments.map(quote).join(", ")}: unexpected argument`
    case "InvalidValue": {
      const name = error.kind === "argument" ? error.option.toUpperCase() : `--${error.option}`
      if (error.value === "") return `${name}: no value`
      const times = timesGiven(error)
      if (times !== undefined) return `${name}: given ${times} times`
      return `${name} ${quote(error.value)}: expected ${expectedBy(error)}`
    }
    case "DuplicateOption":
    case "UserError":
    case "ValidationError":
      return error.message
  }
}

/** Prints the error and how to get help. Printing the help itself would push the error off the screen. */
const presenter = CliOutput.layerPresenter({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const command = event.commandPath.join(" ")
    return Console.error([...event.errors.map(messageOf), `see ${command} --help`].join("\n"))
  }
})

/** Built-in flags and the presenter of errors. */
export const layer = Layer.merge(flags, presenter)

/** Exits like `UsageError` for an invalid command line; the library would exit with 1. */
export const exitOnMisuse = ({ errors }: CliError.ShowHelp): Effect.Effect<void, ExitWith> =>
  errors.length === 0 ? Effect.void : Effect.fail(new ExitWith({ code: 64 }))
