import type { SqlClient } from "effect/sql"

/** Any number of rows as one JSON parameter. Numbers keep all their digits. */
export const rowsOf = (rows: ReadonlyArray<object>): string => JSON.stringify(rows)

/** Time of a column with microseconds since 1970. */
export const timeOf = (sql: SqlClient.SqlClient, column: string) => sql.literal(`to_timestamp(${column} / 1e6)`)

/** Microseconds since 1970 of a time column. */
export const microsOf = (sql: SqlClient.SqlClient, column: string) =>
  sql.literal(`(extract(epoch FROM ${column}) * 1000000)::double precision`)
