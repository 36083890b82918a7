import type { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import type { Connection } from "effect/sql/SqlConnection"
import type { Timed } from "./Metrics.ts"

type Rows = ReadonlyArray<PgConnection.Row>

const rowsOf = (result: PgConnection.Result): Rows => result.rows

/** Sessions of the native driver as connections of `SqlClient`; rows come as the driver decodes them. */
export const makeSqlConnection =
  (timed: Timed) =>
  (session: PgConnection.PgConnection): Connection => ({
    execute: (sql, params) => timed(Effect.map(session.query(sql, params), rowsOf)),
    executeRaw: (sql, params) => timed(session.query(sql, params)),
    executeValues: (sql, params) => timed(session.queryValues(sql, params)),
    executeValuesUnprepared: (sql, params) => timed(session.queryValues(sql, params, false)),
    executeUnprepared: (sql, params) => timed(Effect.map(session.query(sql, params, false), rowsOf)),
    executeStream: (sql, params) => session.stream(sql, params)
  })
