import type { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import { identity } from "effect/Function"
import type { SqlError } from "effect/sql/SqlError"
import type { Connection } from "effect/sql/SqlConnection"
import type { Timed } from "./Metrics.ts"
import type { Reserved } from "./SessionPool.ts"

type Rows = ReadonlyArray<PgConnection.Row>

/**
 * Moves rows out of the list that the driver gave. A shared session that always has a statement on its way keeps the
 * lists of all before it until it has none (`pipelineInFlight` in @effect/sql-pg 4.0.5): under load the rows of
 * hundreds of statements were copied by each collection of garbage. What a caller does not wait
 * for stays.
 */
const taken = <A>(given: ReadonlyArray<A>): ReadonlyArray<A> => {
  const rows = [...given]
  Object.assign(given, { length: 0 })
  return rows
}

const rowsOf = (result: PgConnection.Result): Rows => taken(result.rows)

/** Sessions of the native driver as connections of `SqlClient`; rows come as the driver decodes them. */
export const makeSqlConnection =
  (timed: Timed, observe: (error: SqlError) => SqlError) =>
  (session: PgConnection.PgConnection, during: Reserved["during"] = identity): Connection => {
    const asked = <A>(statement: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
      timed(during(Effect.mapError(statement, observe)))
    return {
      execute: (sql, params) => asked(Effect.map(session.query(sql, params), rowsOf)),
      executeRaw: (sql, params) => asked(session.query(sql, params)),
      executeValues: (sql, params) => asked(Effect.map(session.queryValues(sql, params), taken)),
      executeValuesUnprepared: (sql, params) => asked(Effect.map(session.queryValues(sql, params, false), taken)),
      executeUnprepared: (sql, params) => asked(Effect.map(session.query(sql, params, false), rowsOf)),
      executeStream: (sql, params) => session.stream(sql, params)
    }
  }
