import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { DependencyDown } from "../../domain/Dependency.ts"
import type { Fault } from "../../domain/Dependency.ts"
import { conditionOf } from "../../domain/SqlState.ts"
import { isConnectTimeout } from "./PgMessages.ts"

/** The connection could not be encrypted or verified as configured. Both texts are for operators. */
export class TlsFailure extends Error {
  override readonly name = "TlsFailure"
  readonly fix: string

  constructor(problem: string, fix: string) {
    super(problem)
    this.fix = fix
  }
}

/** Public fault of a database failure (contract section 2). */
export const faultOfSqlError = ({ reason }: SqlError): Fault =>
  isConnectTimeout(reason.cause) ? "timeout" : (conditionOf(reason) ?? "failed")

export const databaseDown = (error: SqlError): DependencyDown => {
  const { cause } = error.reason
  const detail = cause instanceof TlsFailure ? { problem: cause.message, fix: cause.fix } : undefined
  return new DependencyDown({ fault: faultOfSqlError(error), detail })
}

/** Maps errors that end or refuse a session to `ConnectionError`, because the driver has no class for them. */
export const asLost = (error: SqlError): SqlError => {
  const { _tag, cause, message, operation } = error.reason
  const fault = conditionOf(error.reason)
  return _tag === "UnknownError" && (fault === "unreachable" || fault === "missing")
    ? new SqlError({ reason: new ConnectionError({ cause, message, operation }) })
    : error
}
