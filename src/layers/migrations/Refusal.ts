import { Effect, Predicate } from "effect"
import type { Migrator } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import { isLocked } from "../../baseline/Snapshot.ts"
import { BaselineRefused } from "../../baseline/BaselineRefused.ts"
import type { DependencyDown } from "../../domain/Dependency.ts"
import { isOutage } from "../../domain/SqlState.ts"
import { databaseDown } from "../database/Fault.ts"
import { MigrationRefused } from "./MigrationRefused.ts"

/**
 * Why the schema was not changed: the database is not one to be changed, the steps or the ledger are not right, or the
 * database went away.
 */
export type Refusal = BaselineRefused | MigrationRefused | DependencyDown

/** Temporary: worth a retry once the database is available. */
const isAway = (error: SqlError): boolean => isOutage(error.reason) || error.reason._tag === "ConnectionError"

const wordsOf = (error: SqlError): string => {
  if (isLocked(error)) return "another session held a lock for too long; nothing was changed, try again"
  const { reason } = error
  return reason.cause instanceof Error ? reason.cause.message : (reason.message ?? reason._tag)
}

const ofSqlError = (error: SqlError, during: string, cause: unknown): Refusal =>
  isAway(error) ? databaseDown(error) : new MigrationRefused({ message: `${during}: ${wordsOf(error)}`, cause })

/** A failure of the database or of a step, in words of one line and with the exit code that it leads to. */
export const refusedBy = (error: Refusal | SqlError | Migrator.MigrationError): Refusal => {
  if (error._tag === "SqlError") return ofSqlError(error, "migrations", error)
  if (error._tag !== "MigrationError") return error
  const { cause, message } = error
  if (isSqlError(cause)) return ofSqlError(cause, message, error)
  const words = cause instanceof Error ? cause.message : undefined
  // By its tag: a step is imported by its address, and may bring a copy of the class of its own.
  if (Predicate.isTagged(cause, "BaselineRefused")) return new BaselineRefused({ message: words ?? message })
  return new MigrationRefused({ message: words === undefined ? message : `${message}: ${words}`, cause: error })
}

/**
 * A session that ends within a transaction fails twice, and of the two errors that of the ROLLBACK is left, as a
 * defect: it is the database that is away all the same.
 */
export const lostSessionFails = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.catchDefect(effect, (defect) =>
    isSqlError(defect) && isAway(defect) ? Effect.fail(defect) : Effect.die(defect)
  )
