import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { DependencyDown } from "../../domain/Dependency.ts"
import type { Fault } from "../../domain/Dependency.ts"
import { conditionOf } from "../../domain/SqlState.ts"

/** No session became free in time, or too many callers wait for one; the cause of the `SqlError` that callers get. */
export class AcquireTimeout extends Error {
  override readonly name = "AcquireTimeout"
}

/** The connection could not be encrypted or verified as configured. Both texts are for operators. */
export class TlsFailure extends Error {
  override readonly name = "TlsFailure"
  readonly fix: string

  constructor(problem: string, fix: string) {
    super(problem)
    this.fix = fix
  }
}

/** The driver has no class for the end of its own connect timeout, only this message. */
const isConnectTimeout = (cause: unknown): boolean => cause instanceof Error && cause.message === "Connection timed out"

/** The word for a failure of the database that may be shown (contract section 2). */
export const faultOfSqlError = ({ reason }: SqlError): Fault =>
  isConnectTimeout(reason.cause) ? "timeout" : (conditionOf(reason) ?? "failed")

/** A failed probe or statement as a report about the database. */
export const databaseDown = (error: SqlError): DependencyDown => {
  const { cause } = error.reason
  const detail = cause instanceof TlsFailure ? { problem: cause.message, fix: cause.fix } : undefined
  return new DependencyDown({ fault: faultOfSqlError(error), detail })
}

/** The driver has no class for the errors by which a server ends a session or opens none: a lost connection. */
export const asLost = (error: SqlError): SqlError => {
  const { _tag, cause, message, operation } = error.reason
  const fault = conditionOf(error.reason)
  return _tag === "UnknownError" && (fault === "unreachable" || fault === "missing")
    ? new SqlError({ reason: new ConnectionError({ cause, message, operation }) })
    : error
}
