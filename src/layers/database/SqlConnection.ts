import type { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import type { Connection } from "effect/sql/SqlConnection"

type Rows = ReadonlyArray<PgConnection.Row>

const rowsOf = (result: PgConnection.Result): Rows => result.rows

/** A session of the native driver as a connection of `SqlClient`; rows come as the driver decodes them. */
export const makeSqlConnection = (session: PgConnection.PgConnection): Connection => ({
  execute: (sql, params) => Effect.map(session.query(sql, params), rowsOf),
  executeRaw: (sql, params) => session.query(sql, params),
  executeValues: (sql, params) => session.queryValues(sql, params),
  executeValuesUnprepared: (sql, params) => session.queryValues(sql, params, false),
  executeUnprepared: (sql, params) => Effect.map(session.query(sql, params, false), rowsOf),
  executeStream: (sql, params) => session.stream(sql, params)
})
