import { Effect, Ref } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { DependencyDown } from "../../../domain/Dependency.ts"
import { conditionOf, isMissingTable } from "../../../domain/SqlState.ts"

/** Failure that may end by itself. */
export type Outage = SqlError | DependencyDown

/** Reason for a paused projection. */
type Reason = "Redis" | "Postgres" | "tables" | "failure"

const reasonOf = (failure: Outage): Reason => {
  if (failure._tag === "DependencyDown") return "Redis"
  if (isMissingTable(failure.reason)) return "tables"
  return conditionOf(failure.reason) === undefined ? "failure" : "Postgres"
}

const lineOf = (reason: Reason, failure: Outage, logsPostgres: boolean): Effect.Effect<void> => {
  if (reason === "tables") return Effect.logInfo("mining projection paused; its tables are missing; run tbg migrate up")
  if (reason === "failure") return Effect.logError("mining projection paused; a batch failed", failure)
  const fault = failure._tag === "DependencyDown" ? failure.fault : conditionOf(failure.reason)
  const line = reason === "Redis" || logsPostgres ? Effect.logWarning : Effect.logDebug
  return Effect.annotateLogs(line(`mining projection paused; ${reason} unavailable`), { fault })
}

/**
 * Logs one line when the projection pauses for a reason, and one when it continues. `logsPostgres` is off if this process
 * reports a lost Postgres elsewhere.
 */
export const makeFailureLog = Effect.fnUntraced(function* (logsPostgres: boolean) {
  const current = yield* Ref.make<Reason | undefined>(undefined)
  return {
    failed: Effect.fnUntraced(function* (failure: Outage) {
      const reason = reasonOf(failure)
      if ((yield* Ref.getAndSet(current, reason)) !== reason) yield* lineOf(reason, failure, logsPostgres)
    }),
    succeeded: Effect.flatMap(Ref.getAndSet(current, undefined), (reason) => {
      if (reason === undefined) return Effect.void
      const line = reason === "Postgres" && !logsPostgres ? Effect.logDebug : Effect.logInfo
      return line("mining projection resumed")
    })
  }
})
