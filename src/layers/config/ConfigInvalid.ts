import { Runtime, Schema } from "effect"

const Problem = Schema.Struct({ variable: Schema.String, found: Schema.String, wanted: Schema.String })

/** What is wrong with one variable; `found` holds no secret. */
export type Problem = typeof Problem.Type

/** The configuration cannot be used: all that is wrong with it, one line each, exit code 78 (contract section 6). */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  environment: Schema.Literals(["development", "test", "staging", "production"]),
  problems: Schema.Array(Problem),
  /** Warnings about settings without effect; a misspelled name may explain a missing variable. */
  warnings: Schema.Array(Schema.String)
}) {
  override readonly [Runtime.errorExitCode] = 78

  override get message(): string {
    const problems = this.problems.map(({ found, variable, wanted }) => `${variable}: found ${found}, wanted ${wanted}`)
    return [...problems, ...this.warnings.map((warning) => `warning: ${warning}`)].join("\n")
  }
}
