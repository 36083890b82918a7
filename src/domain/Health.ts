import { Schema } from "effect"
import { Fault } from "./Dependency.ts"
import { Count } from "./Text.ts"

export const Check = Schema.Union([Schema.Literal("ok"), Schema.TemplateLiteral(["error: ", Fault])])
export type Check = typeof Check.Type

export const checkOf = (fault: Fault | undefined): Check => (fault === undefined ? "ok" : `error: ${fault}`)

export const Checks = Schema.Struct({ database: Check, redis: Check }).annotate({
  description: "Each dependency: `ok`, or `error:` and one word for the reason"
})
export type Checks = typeof Checks.Type

export const Drift = Schema.Literals(["none", "detected", "unknown"])
export type Drift = typeof Drift.Type

/** Sessions with Postgres: `active` ones are in use, `waiting` counts callers that wait for one. */
export const PoolFigures = Schema.Struct({ max: Count, total: Count, active: Count, idle: Count, waiting: Count })
export type PoolFigures = typeof PoolFigures.Type

export const DatabaseReport = Schema.Struct({
  status: Schema.Literals(["healthy", "unhealthy"]).annotate({ description: "Whether Postgres responds" }),
  response_time_ms: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
    description: "Duration of one round trip, or of the wait for it"
  }),
  pool: PoolFigures.annotate({ description: "Connections to Postgres, and callers that wait for one" }),
  migration: Schema.NullOr(Schema.String).annotate({ description: "Latest applied migration; null if unknown" }),
  drift: Drift.annotate({
    description: "Whether the schema differs from the expected one; `unknown` until it was compared"
  }),
  error: Schema.NullOr(Fault).annotate({ description: "Fault of the database; null while it is healthy" })
})
export type DatabaseReport = typeof DatabaseReport.Type

/** Response to readiness probes (contract section 2). */
export type ReadinessReport =
  | { readonly ready: true; readonly status: "ready" | "degraded"; readonly checks: Checks }
  | { readonly ready: false; readonly status: "degraded" | "draining"; readonly checks: Checks }
