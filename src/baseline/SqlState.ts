import { Predicate } from "effect"
import { isSqlError } from "effect/sql/SqlError"

/** SQLSTATE of an error of Postgres, such as `42P01`. */
export const sqlStateOf = (error: unknown): unknown =>
  isSqlError(error) && Predicate.hasProperty(error.reason.cause, "code") ? error.reason.cause.code : undefined
