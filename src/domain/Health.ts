import { Schema } from "effect"
import { Fault } from "./Dependency.ts"

/** `ok`, or `error: ` and the fault; nothing else about a dependency is public. */
export const Check = Schema.Union([Schema.Literal("ok"), Schema.TemplateLiteral(["error: ", Fault])])
export type Check = typeof Check.Type

export const checkOf = (fault: Fault | undefined): Check => (fault === undefined ? "ok" : `error: ${fault}`)

export const Checks = Schema.Struct({ database: Check, redis: Check })
export type Checks = typeof Checks.Type

/** Whether the live schema is the one that this service was made for. */
export const Drift = Schema.Literals(["none", "detected", "unknown"])
export type Drift = typeof Drift.Type

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Sessions with Postgres: `active` ones have a caller, `waiting` counts callers that have no session yet. */
export const PoolFigures = Schema.Struct({ max: Count, total: Count, active: Count, idle: Count, waiting: Count })
export type PoolFigures = typeof PoolFigures.Type

export const DatabaseReport = Schema.Struct({
  status: Schema.Literals(["healthy", "unhealthy"]),
  response_time_ms: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)),
  pool: PoolFigures,
  migration: Schema.NullOr(Schema.String),
  drift: Drift,
  error: Schema.NullOr(Fault).annotate({ description: "Fault of the database; null while it is healthy" })
})
export type DatabaseReport = typeof DatabaseReport.Type

/** What readiness probes are told (contract section 2): whether requests should come here, and why not. */
export type ReadinessReport =
  | { readonly ready: true; readonly status: "ready" | "degraded"; readonly checks: Checks }
  | { readonly ready: false; readonly status: "degraded" | "draining"; readonly checks: Checks }
