import type { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import { identity } from "effect/Function"
import type { SqlError } from "effect/sql/SqlError"
import type { Connection } from "effect/sql/SqlConnection"
import { asLost } from "./Fault.ts"
import type { Timed } from "./Metrics.ts"
import type { Reserved } from "./SessionPool.ts"

type Rows = ReadonlyArray<PgConnection.Row>

const rowsOf = (result: PgConnection.Result): Rows => result.rows

/** Sessions of the native driver as connections of `SqlClient`; rows come as the driver decodes them. */
export const makeSqlConnection =
  (timed: Timed) =>
  (session: PgConnection.PgConnection, during: Reserved["during"] = identity): Connection => {
    const asked = <A>(statement: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
      timed(during(Effect.mapError(statement, asLost)))
    return {
      execute: (sql, params) => asked(Effect.map(session.query(sql, params), rowsOf)),
      executeRaw: (sql, params) => asked(session.query(sql, params)),
      executeValues: (sql, params) => asked(session.queryValues(sql, params)),
      executeValuesUnprepared: (sql, params) => asked(session.queryValues(sql, params, false)),
      executeUnprepared: (sql, params) => asked(Effect.map(session.query(sql, params, false), rowsOf)),
      executeStream: (sql, params) => session.stream(sql, params)
    }
  }
