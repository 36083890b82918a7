import type { SqlError } from "effect/sql/SqlError"
import type { Fault } from "../../domain/Dependency.ts"
import { AcquireTimeout } from "./SessionPool.ts"

/** The driver words the end of its own connect timeout so, and gives it no class of its own. */
const isConnectTimeout = (cause: unknown): boolean => cause instanceof Error && cause.message === "Connection timed out"

/** The word for a failure of the database that may be shown (contract section 2). */
export const faultOfSqlError = (error: SqlError): Fault => {
  const { reason } = error
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
