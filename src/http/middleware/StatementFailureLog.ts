import { Effect, Predicate } from "effect"
import type { Cause } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import { isOutage } from "../../domain/SqlState.ts"

/** Milliseconds without a failure of one kind, after which the next one is logged. */
const quietMs = 10_000

/** Returns the SQL error in the cause that ended a request. */
const sqlErrorIn = (cause: Cause.Cause<unknown>): SqlError | undefined => {
  for (const reason of cause.reasons) {
    const error = reason._tag === "Die" ? reason.defect : reason._tag === "Fail" ? reason.error : undefined
    if (isSqlError(error)) return error
  }
  return undefined
}

/** Log fields, without the driver's message, which may name hosts and roles. */
const fieldsOf = ({ reason: { _tag, cause, operation } }: SqlError) => ({
  reason: _tag,
  operation,
  code: Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : undefined
})

/**
 * Logs one line per kind of transient failure, such as a deadlock or a full pool, instead of one per request.
 * `services/OutageLog.ts` logs outages.
 */
export const makeStatementFailureLog = () => {
  const lastAt = new Map<string, number>()
  return (cause: Cause.Cause<unknown>, now: number): Effect.Effect<void> => {
    const error = sqlErrorIn(cause)
    if (error === undefined || isOutage(error.reason)) return Effect.void
    const fields = fieldsOf(error)
    const kind = JSON.stringify(fields)
    const isNew = now - (lastAt.get(kind) ?? Number.NEGATIVE_INFINITY) > quietMs
    lastAt.set(kind, now)
    const line = Effect.logWarning("Postgres could not run a statement; its request got 503")
    return isNew ? Effect.annotateLogs(line, fields) : Effect.void
  }
}
