import { Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { describeDifference } from "./Difference.ts"
import type { Difference } from "./Difference.ts"

/** The baseline may not be recorded on this database (contract section 7); nothing was changed. */
export class BaselineRefused extends Schema.TaggedError<BaselineRefused>()("BaselineRefused", {
  message: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = 3

  static readonly of = (reason: string, differences: ReadonlyArray<Difference>) =>
    new BaselineRefused({ message: [reason, ...differences.map(describeDifference)].join("\n") })
}
