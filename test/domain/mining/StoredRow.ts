import { Effect, Layer, Record, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { creationStatements } from "../../../src/baseline/Creation.ts"
import { baselineTables } from "../../../src/domain/mining/Tables.ts"
import type { TableName } from "../../../src/domain/mining/Tables.ts"
import { runAll } from "../../support/Catalog.ts"
import { freshDatabase, testClient } from "../../support/TestDatabase.ts"

export type RowSchema<Row> = Schema.ConstraintCodec<Row, Readonly<Record<string, unknown>>>

/** A database with the tables of the baseline, without foreign-key checks. */
export const tables = Layer.unwrap(
  Effect.gen(function* () {
    const client = testClient((yield* freshDatabase).url)
    const references = ["workers_user_id", "blocks_user_id", "blocks_worker_id", "weekly_best_diff_user_id"]
    yield* runAll([
      ...creationStatements({ timescale: false, isPresent: () => false }),
      ...references.map((name) => `ALTER TABLE ${name.replace(/_(user|worker)_id$/, "")} DROP CONSTRAINT ${name}_fkey`)
    ]).pipe(Effect.provide(client))
    return client
  })
)

/** Reads the only row of a table. */
export const onlyRow = Effect.fnUntraced(function* <Row>(
  name: TableName,
  schema: Schema.ConstraintCodec<Row, unknown>
) {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* Schema.decodeUnknownEffect(Schema.Tuple([schema]))(yield* sql`SELECT * FROM ${sql(name)}`)
  return found
})

/** Writes a row to an empty table and reads it back. The driver takes JSON as text. */
export const storedRow = Effect.fnUntraced(function* <Row>(name: TableName, schema: RowSchema<Row>, row: NoInfer<Row>) {
  const sql = yield* SqlClient.SqlClient
  const encoded = yield* Schema.encodeEffect(schema)(row)
  const written = Record.map(baselineTables[name].columns, ({ nullable, type }, column) => {
    const value = encoded[column]
    return type === "jsonb" && !(nullable && value === null) ? JSON.stringify(value) : value
  })
  yield* sql`INSERT INTO ${sql(name)} ${sql.insert(written)}`
  return yield* onlyRow(name, schema)
})
