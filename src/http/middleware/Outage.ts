import { Effect, Predicate } from "effect"
import type { Cause } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"

/** Without a failure of one kind for so long, in milliseconds, the next is of another outage. */
const quietMs = 10_000

/** The database's failure in what ended a request. */
const sqlErrorIn = (cause: Cause.Cause<unknown>): SqlError | undefined => {
  for (const reason of cause.reasons) {
    const error = reason._tag === "Die" ? reason.defect : reason._tag === "Fail" ? reason.error : undefined
    if (isSqlError(error)) return error
  }
  return undefined
}

/**
 * What may be told of it: words of the driver may name hosts and roles, a code of Postgres or of the system does not.
 */
const told = ({ reason: { _tag, cause, operation } }: SqlError) => ({
  reason: _tag,
  operation,
  code: Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : undefined
})

/**
 * One line an outage for each kind of failure that made the service unavailable, and not one a request: a line for each
 * would be an outage of the log as well. Gives what to run for a cause, or nothing.
 */
export const makeOutage = () => {
  const lastAt = new Map<string, number>()
  return (cause: Cause.Cause<unknown>, now: number): Effect.Effect<void> => {
    const error = sqlErrorIn(cause)
    if (error === undefined) return Effect.void
    const facts = told(error)
    const kind = JSON.stringify(facts)
    const isNew = now - (lastAt.get(kind) ?? Number.NEGATIVE_INFINITY) > quietMs
    lastAt.set(kind, now)
    const line = Effect.logWarning("the database cannot be used: requests that need it are answered with 503")
    return isNew ? Effect.annotateLogs(line, facts) : Effect.void
  }
}
