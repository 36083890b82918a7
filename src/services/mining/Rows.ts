import { Effect, Schema, SchemaTransformation } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { Timestamp } from "../../domain/Timestamp.ts"

/** Decodes the rows of a statement. A row that does not decode is a defect. */
export const rowsOf = <Row extends Schema.ConstraintDecoder<unknown>>(row: Row) => {
  const decode = Schema.decodeUnknownEffect(Schema.Array(row))
  return <R>(
    statement: Effect.Effect<ReadonlyArray<unknown>, SqlError.SqlError, R>
  ): Effect.Effect<ReadonlyArray<Row["Type"]>, never, R> => Effect.orDie(Effect.flatMap(statement, decode))
}

/** Decodes the row of a statement that returns exactly one. */
export const rowOf = <Row extends Schema.ConstraintDecoder<unknown>>(row: Row) => {
  const decode = Schema.decodeUnknownEffect(Schema.Tuple([row]))
  return <R>(
    statement: Effect.Effect<ReadonlyArray<unknown>, SqlError.SqlError, R>
  ): Effect.Effect<Row["Type"], never, R> =>
    Effect.orDie(
      Effect.map(
        Effect.flatMap(statement, (rows) => decode(rows)),
        ([only]) => only
      )
    )
}

/** SQL for a time as text with microseconds; the driver would cut them off. */
export const textOf = (sql: SqlClient.SqlClient, column: string) =>
  sql.literal(`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`)

/**
 * SQL for a double within JSON: its eight bytes in hexadecimal. As a number, its digits would depend on
 * `extra_float_digits`, which roles, databases and poolers set.
 */
export const doubleOf = (expression: string): string => `encode(float8send(${expression}), 'hex')`

/** A double as `doubleOf` makes it. */
export const Double = Schema.Uint8ArrayFromHex.pipe(
  Schema.decodeTo(
    Schema.Finite,
    SchemaTransformation.transform({
      decode: (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0),
      encode: (value) => new Uint8Array(Float64Array.of(value).buffer).toReversed()
    })
  )
)

/** SQL for a best share as JSON, from columns `best`, `best_at` and `name` of a row; NULL without a share. */
export const bestOf = (sql: SqlClient.SqlClient, row: string) =>
  sql.literal(
    `CASE WHEN ${row}.best IS NOT NULL THEN json_build_object('difficulty', ${doubleOf(`${row}.best`)}, 'at', ` +
      `to_char(${row}.best_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'worker', ${row}.name) END`
  )

/** A best share as `bestOf` makes it. */
export const BestRow = Schema.NullOr(
  Schema.Struct({ difficulty: Double, at: Timestamp, worker: Schema.NullOr(Schema.String) })
)

/** SQL for the newest network difficulty that is known. */
export const networkDifficulty = (sql: SqlClient.SqlClient) =>
  sql.literal(
    "(SELECT n.difficulty FROM tbg_api.mining_network n WHERE n.difficulty IS NOT NULL ORDER BY n.at DESC, n.id DESC LIMIT 1)"
  )
