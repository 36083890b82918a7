import { Runtime, Schema } from "effect"
import { Environment } from "./Rules.ts"

const Problem = Schema.Struct({ variable: Schema.String, found: Schema.String, wanted: Schema.String })

export const lineOf = ({ found, variable, wanted }: typeof Problem.Type): string =>
  `${variable}: found ${found}, wanted ${wanted}`

/** All problems of a configuration, one line each; exit code 78 (contract section 6). */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  environment: Environment,
  problems: Schema.Array(Problem),
  /** Warnings about settings without effect; a misspelled name may explain a missing variable. */
  warnings: Schema.Array(Schema.String)
}) {
  override readonly [Runtime.errorExitCode] = 78

  override get message(): string {
    return [...this.problems.map(lineOf), ...this.warnings.map((warning) => `warning: ${warning}`)].join("\n")
  }
}
