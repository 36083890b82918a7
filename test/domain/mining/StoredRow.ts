import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { creationStatements } from "../../../src/baseline/Creation.ts"
import type { TableName } from "../../../src/baseline/Schema.ts"
import { runAll } from "../../support/Catalog.ts"
import { freshDatabase, testClient } from "../../support/TestDatabase.ts"

/** A model of a table, as a test needs it: what a SELECT decodes to, and what is given to an insert. */
export type TableModel<Row, New> = Schema.ConstraintCodec<Row, unknown> & {
  readonly insert: Schema.ConstraintCodec<New, Readonly<Record<string, unknown>>>
}

/** A database with the tables of the baseline. No row has to exist for another to refer to it. */
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

/**
 * Writes a row through the insert variant and reads it back through the select variant, from a table without others.
 */
export const storedRow = Effect.fnUntraced(function* <Row, New>(
  table: TableName,
  model: TableModel<Row, New>,
  row: NoInfer<New>
) {
  const sql = yield* SqlClient.SqlClient
  const written = yield* Schema.encodeEffect(model.insert)(row)
  yield* sql`INSERT INTO ${sql(table)} ${sql.insert(written)}`
  const [found] = yield* Schema.decodeUnknownEffect(Schema.Tuple([model]))(yield* sql`SELECT * FROM ${sql(table)}`)
  return found
})
