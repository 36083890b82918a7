import { Effect, Schema } from "effect"
import { validSecret } from "./ConfigFrom.ts"
import { programResult } from "./TestProcess.ts"
import type { Variables } from "./TestProcess.ts"

const Report = Schema.fromJsonString(
  Schema.Struct({
    ok: Schema.Boolean,
    checks: Schema.Array(
      Schema.Struct({
        name: Schema.String,
        state: Schema.Literals(["ok", "warning", "failed", "skipped"]),
        what: Schema.String,
        mend: Schema.NullOr(Schema.String)
      })
    )
  })
)
const decodeReport = Schema.decodeUnknownEffect(Report)

/** A free port, because the default may be in use, and a valid secret. */
export const validSettings = { TBG_ENVIRONMENT: "test", TBG_PORT: "0", TBG_SECRET_KEY: validSecret }

/** Checks of `tbg doctor`, by name. */
export const doctorReport = Effect.fnUntraced(function* (variables: Variables) {
  const result = yield* programResult(["doctor", "--json"], { ...validSettings, ...variables })
  const report = yield* Effect.orDie(decodeReport(result.stdout))
  return { ...result, ...report, by: new Map(report.checks.map((check) => [check.name, check])) }
})

/** Names of the failed checks. */
export const failedChecks = ({
  checks
}: {
  readonly checks: ReadonlyArray<{ readonly name: string; readonly state: string }>
}) => checks.filter(({ state }) => state === "failed").map(({ name }) => name)
