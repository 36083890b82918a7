import { Schema } from "effect"
import { FoundTable } from "./FoundTable.ts"
import generated from "./OwnTables.json" with { type: "json" }

export const OwnTables = Schema.Record(
  Schema.String,
  Schema.Struct({
    /** Newest migration that changes the table's shape; nothing is expected until the ledger has it. */
    migration: Schema.String,
    ...FoundTable.fields
  })
)
export type OwnTables = typeof OwnTables.Type

/** Tables in our schema as the migrations create them, written by `npm run own-tables`. */
export const ownTables: OwnTables = Schema.decodeUnknownSync(OwnTables)(generated)
