import { Predicate } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import type { Fault } from "../../domain/Dependency.ts"

/** No session became free in time, or too many wait for one; the cause of the `SqlError` that the caller gets. */
export class AcquireTimeout extends Error {
  override readonly name = "AcquireTimeout"
}

/** The driver words the end of its own connect timeout so, and gives it no class of its own. */
const isConnectTimeout = (cause: unknown): boolean => cause instanceof Error && cause.message === "Connection timed out"

/** The server is there and takes no session now: too many of them, or it starts or ends (SQLSTATE). */
const takesNoSession = new Set<unknown>(["53300", "57P01", "57P02", "57P03"])

const isWithoutSession = (cause: unknown): boolean =>
  Predicate.hasProperty(cause, "code") && takesNoSession.has(cause.code)

/** The driver has no class for what the server says as it takes a session away, or gives none: a lost connection. */
export const asLost = (error: SqlError): SqlError => {
  const { _tag, cause, message, operation } = error.reason
  return _tag === "UnknownError" && isWithoutSession(cause)
    ? new SqlError({ reason: new ConnectionError({ cause, message, operation }) })
    : error
}

/** The word for a failure of the database that may be shown (contract section 2). */
export const faultOfSqlError = (error: SqlError): Fault => {
  const { reason } = error
  if (isWithoutSession(reason.cause)) return "unreachable"
  switch (reason._tag) {
    case "AuthenticationError":
      return "refused"
    case "ConnectionError":
      return reason.cause instanceof AcquireTimeout || isConnectTimeout(reason.cause) ? "timeout" : "unreachable"
    case "StatementTimeoutError":
    case "LockTimeoutError":
      return "timeout"
    case "AuthorizationError":
    case "ConstraintError":
    case "DeadlockError":
    case "SerializationError":
    case "SqlSyntaxError":
    case "UniqueViolation":
    case "UnknownError":
      return "failed"
  }
}
