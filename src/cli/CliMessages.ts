import type { CliError } from "effect/cli"

/** How often a flag was given. For a repeated flag, effect/cli 4.1 reports "2 occurrences" as its value. */
export const timesGiven = ({ value }: CliError.InvalidValue): string | undefined =>
  /^(\d+) occurrences$/u.exec(value)?.[1]

/** Expected values of a flag or argument, which effect/cli 4.1 begins with "Expected" for some types. */
export const expectedBy = ({ expected }: CliError.InvalidValue): string => expected.replace(/^Expected:? /, "")
