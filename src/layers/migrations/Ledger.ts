import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Step } from "./History.ts"

/** Our own ledger; `schema_migrations` belongs to the database's owner. */
export const ledger = "tbg_api_migrations"

const Record = Schema.Struct({ ...Step.fields, appliedAt: Schema.String })
const decodeRecords = Schema.decodeUnknownEffect(Schema.Array(Record))

/**
 * Reading `pg_class` is what makes it the truth of now: `to_regclass` alone may answer from the session's cache, which
 * a wait for an advisory lock does not bring up to date.
 */
const isThere = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql`SELECT 1 AS found FROM pg_class WHERE oid = to_regclass(${ledger})`, (rows) => rows.length > 0)
)

/**
 * The recorded steps and when each was applied (RFC 3339, UTC), oldest first; none where there is no ledger yet. It
 * takes no lock.
 */
export const appliedSteps = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  if (!(yield* isThere)) return []
  const rows = yield* sql`
    SELECT migration_id AS id, name,
      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "appliedAt"
    FROM ${sql(ledger)} ORDER BY migration_id`
  return yield* Effect.orDie(decodeRecords(rows))
})

/**
 * Makes the ledger where there is none, in the Migrator's own shape. The Migrator would make it too, but within a
 * transaction it hides why it cannot: it asks again after the failure, and is answered that the transaction is aborted.
 */
export const ensureLedger = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  if (yield* isThere) return
  yield* sql`CREATE TABLE ${sql(ledger)} (
    migration_id INTEGER PRIMARY KEY,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    name TEXT NOT NULL
  )`
})
