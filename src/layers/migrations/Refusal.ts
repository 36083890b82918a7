import { Effect, Predicate, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import type { Migrator } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import { BaselineRefused } from "../../baseline/Baseline.ts"
import { isLocked } from "../../baseline/Snapshot.ts"
import type { DependencyDown } from "../../domain/Dependency.ts"
import { isOutage } from "../../domain/SqlState.ts"
import { databaseDown } from "../database/Fault.ts"

/** The migrations cannot run; nothing was changed. */
export class MigrationRefused extends Schema.TaggedError<MigrationRefused>()("MigrationRefused", {
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override readonly [Runtime.errorExitCode] = 1
}

/** Reasons for an unchanged schema: the wrong database, the migrations themselves, or a lost connection. */
export type Refusal = BaselineRefused | MigrationRefused | DependencyDown

/** Whether a retry may succeed once the database is available. */
const isUnavailable = (error: SqlError): boolean => isOutage(error.reason) || error.reason._tag === "ConnectionError"

const messageOf = (error: SqlError): string => {
  if (isLocked(error)) return "another session held a lock for too long; nothing was changed, try again"
  const { reason } = error
  return reason.cause instanceof Error ? reason.cause.message : (reason.message ?? reason._tag)
}

export type Failure = Refusal | SqlError | Migrator.MigrationError

const refusalOf = (error: Failure): Refusal => {
  if (error._tag !== "SqlError" && error._tag !== "MigrationError") return error
  const [during, cause] = error._tag === "SqlError" ? ["migrations", error] : [error.message, error.cause]
  if (isSqlError(cause)) {
    if (isUnavailable(cause)) return databaseDown(cause)
    return new MigrationRefused({ message: `${during}: ${messageOf(cause)}`, cause: error })
  }
  const message = cause instanceof Error ? cause.message : undefined
  // Checked by tag, because a migration is imported by path and may bring its own copy of the class.
  if (Predicate.isTagged(cause, "BaselineRefused")) return new BaselineRefused({ message: message ?? during })
  return new MigrationRefused({ message: message === undefined ? during : `${during}: ${message}`, cause: error })
}

/**
 * Maps failures of the database and of migrations to a refusal. If a session ends within a transaction, the ROLLBACK
 * fails too, and its error remains as a defect.
 */
export const orRefuse = <A, R>(effect: Effect.Effect<A, Failure, R>) =>
  effect.pipe(
    Effect.catchDefect((defect) =>
      isSqlError(defect) && isUnavailable(defect) ? Effect.fail(defect) : Effect.die(defect)
    ),
    Effect.mapError(refusalOf)
  )
