import { Schema } from "effect"
import * as Runtime from "effect/Runtime"

/** The migrations cannot be run: their folder, the ledger or a step is not right. Nothing was changed. */
export class MigrationRefused extends Schema.TaggedError<MigrationRefused>()("MigrationRefused", {
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override readonly [Runtime.errorExitCode] = 1
}
