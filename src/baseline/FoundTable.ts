import { Schema } from "effect"

const Definitions = Schema.Record(Schema.String, Schema.String)

/** A table with definitions as Postgres prints them, by name and without the table's schema. */
export const FoundTable = Schema.Struct({
  columns: Schema.Record(
    Schema.String,
    Schema.Struct({
      type: Schema.String,
      nullable: Schema.Boolean,
      /** For an identity or generated column, how it is generated. */
      default: Schema.NullOr(Schema.String)
    })
  ),
  /** Constraints of the table and of its columns' domains. */
  constraints: Definitions,
  indexes: Definitions,
  partitionKey: Schema.NullOr(Schema.String),
  rowSecurity: Schema.Boolean,
  /** Text after the table's name in `CREATE POLICY`. */
  policies: Definitions
})
export type FoundTable = typeof FoundTable.Type
