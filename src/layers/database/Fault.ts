import { Predicate } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Fault } from "../../domain/Dependency.ts"
import { AcquireTimeout } from "./SessionPool.ts"

/** The driver words the end of its own connect timeout so, and gives it no class of its own. */
const isConnectTimeout = (cause: unknown): boolean => cause instanceof Error && cause.message === "Connection timed out"

/** The server is there and takes no session now: too many of them, or it starts or ends (SQLSTATE). */
const takesNoSession = new Set<unknown>(["53300", "57P01", "57P02", "57P03"])

const isWithoutSession = (cause: unknown): boolean =>
  Predicate.hasProperty(cause, "code") && takesNoSession.has(cause.code)

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
