import { Effect } from "effect"
import type { Readiness } from "../../services/Readiness.ts"
import { NotReady } from "../api/Health.ts"

/** Readiness as every dialect answers it: the report, with 503 where requests should go elsewhere. */
export const readinessOf = (readiness: Readiness["Service"]) =>
  Effect.flatMap(readiness.report, (report) =>
    report.ready
      ? Effect.succeed({ status: report.status, checks: report.checks })
      : Effect.fail(new NotReady({ status: report.status, checks: report.checks }))
  )
