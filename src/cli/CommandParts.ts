import { Cause, Console, Effect, Predicate, References, Schema, Stdio } from "effect"
import * as Runtime from "effect/Runtime"
import { Command, Flag, Param, Prompt } from "effect/cli"
import { alignColumns } from "../baseline/Columns.ts"
import type { DependencyDown } from "../domain/Dependency.ts"
import { sentenceOf } from "../layers/Advice.ts"
import type { Advice } from "../layers/Advice.ts"
import { AppConfig } from "../layers/AppConfig.ts"
import { isDeployed } from "../layers/config/Rules.ts"
import type { Environment } from "../layers/config/Rules.ts"

/** Ends a command with an exit code. The command has already printed the reason. */
export class ExitWith extends Schema.TaggedError<ExitWith>()("ExitWith", { code: Schema.Int }) {
  override readonly [Runtime.errorReported] = false
  override readonly [Runtime.errorExitCode] = this.code
}

/** A dependency of the command is unavailable. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 69
}

/** The command line is invalid, or the user declined. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 64
}

export const unavailable = (advice: Advice): Unavailable => new Unavailable({ message: sentenceOf(advice) })

/** Turns an unavailable dependency into advice for the operator. */
export const explainOutage = <A, E, R>(
  command: Effect.Effect<A, E | DependencyDown, R>,
  adviceOn: (config: AppConfig["Service"], down: DependencyDown) => Advice
) => {
  const isDown = (error: E | DependencyDown): error is DependencyDown => Predicate.isTagged(error, "DependencyDown")
  return Effect.catchIf(command, isDown, (down) =>
    Effect.flatMap(AppConfig, (config) => Effect.fail(unavailable(adviceOn(config, down))))
  )
}

/** Exit code if the schema differs from what the service expects, or lacks migrations. */
export const driftExitCode = 3

/** Returns the message of an expected error, and the full report of any other. */
export const describeFailure = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const isExpected = error instanceof Error && Runtime.errorExitCode in error
  return isExpected ? error.message : Cause.pretty(cause)
}

export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON"), Flag.withDefault(false))

export const yes = Flag.Boolean("yes").pipe(Flag.withDescription("Skip the confirmation"), Flag.withDefault(false))

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

/** Returns the error of a command that is refused when deployed; `undefined` in development and test. */
export const refusalIn = (environment: Environment, what: string, reason: string): UsageError | undefined =>
  isDeployed(environment)
    ? new UsageError({ message: `${what} is refused in ${environment}, because ${reason}` })
    : undefined

export const refuseDeployed = Effect.fnUntraced(function* (what: string, reason: string) {
  const refusal = refusalIn((yield* AppConfig).environment, what, reason)
  if (refusal !== undefined) return yield* refusal
})

/** Asks for confirmation at a terminal. Fails if the user declines, or without a terminal unless `--yes` is given. */
export const confirm = Effect.fnUntraced(function* (question: string, flags: { readonly yes: boolean }) {
  if (flags.yes) return
  const { stdinIsTerminal } = yield* Stdio.Stdio
  if (!(yield* stdinIsTerminal)) {
    return yield* new UsageError({ message: "aborted; no changes made; without a terminal, add --yes" })
  }
  const answer = Effect.orElseSucceed(Prompt.run(Prompt.Confirm({ message: question })), () => false)
  if (!(yield* answer)) return yield* new UsageError({ message: "aborted; no changes made" })
})

/**
 * Prints records as JSON, or as a table with headings such as `LAST USED` for `last_used_at`. Prints `none` instead of an
 * empty table.
 */
export const printRecords = (
  records: ReadonlyArray<Readonly<Record<string, string | null>>>,
  flags: { readonly json: boolean },
  none: string
) => {
  if (flags.json) return Console.log(JSON.stringify(records))
  const [first] = records
  if (first === undefined) return Console.log(none)
  const headings = Object.keys(first).map((field) => field.replace(/_at$/, "").replaceAll("_", " ").toUpperCase())
  return Console.log(
    alignColumns([headings, ...records.map((record) => Object.values(record).map((cell) => cell ?? "-"))])
  )
}
