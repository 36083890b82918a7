import { Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { describeDifference } from "./Difference.ts"
import type { Difference } from "./Difference.ts"

/**
 * The database is not one that the baseline may be recorded on; nothing in it was changed. Ends the process with
 * exit code 3 (contract section 7). The message gives the reason, then one line an object.
 */
export class BaselineRefused extends Schema.TaggedError<BaselineRefused>()("BaselineRefused", {
  message: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = 3

  static readonly of = (reason: string, differences: ReadonlyArray<Difference>) =>
    new BaselineRefused({ message: [reason, ...differences.map(describeDifference)].join("\n") })
}
