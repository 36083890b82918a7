import { Schema } from "effect"
import { FoundTable } from "./FoundTable.ts"
import generated from "./OwnTables.json" with { type: "json" }

const OwnTable = Schema.Struct({
  /** Latest migration that changes the table's shape; the table is checked only once the ledger has it. */
  migration: Schema.String,
  ...FoundTable.fields,
  /** Privileges of the role of tenant statements. */
  teamPrivileges: Schema.Array(Schema.String)
})

const OwnObjects = Schema.Struct({
  tables: Schema.Record(Schema.String, OwnTable),
  /** Functions that run under the role of tenant statements. */
  teamFunctions: Schema.Array(Schema.String)
})
export type OwnObjects = typeof OwnObjects.Type

/** Our own tables and functions as the migrations create them, written by `npm run own-tables`. */
export const { tables: ownTables, teamFunctions }: OwnObjects = Schema.decodeUnknownSync(OwnObjects)(generated)
