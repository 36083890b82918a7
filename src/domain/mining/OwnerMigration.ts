import { Model } from "effect/schema"
import { Int4, optional, optionalDefaulted, required, textOf, Timestamp } from "./Column.ts"

/** A step of the database's owner: a row of `schema_migrations`, which is not this service's ledger. */
export class OwnerMigration extends Model.Class<OwnerMigration>("OwnerMigration")({
  version: required(Int4),
  name: required(textOf(255)),
  applied_at: optionalDefaulted(Timestamp),
  checksum: optional(textOf(64))
}) {}
