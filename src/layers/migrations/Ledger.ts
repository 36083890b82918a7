import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Step } from "./History.ts"
import type { LoadedStep } from "./History.ts"

/** Our own ledger; `schema_migrations` belongs to the database's owner. */
export const ledger = "tbg_api_migrations"

/** What we keep beside the Migrator's own columns; each may be `NULL`, as the Migrator writes a row without them. */
const ownColumns = ["checksum", "fingerprint", "version", "mode"] as const

/** How a step came to be recorded: on tables that were there, by making them, or by running it. */
export type Mode = "recognised" | "created" | "applied"

const AppliedRecord = Schema.Struct({
  ...Step.fields,
  appliedAt: Schema.String,
  checksum: Schema.NullOr(Schema.String),
  mode: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.String)
})
export type AppliedRecord = typeof AppliedRecord.Type

const decodeRecords = Schema.decodeUnknownEffect(Schema.Array(AppliedRecord))

const decodeNames = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ name: Schema.String })))

/**
 * The columns of the ledger; none where there is no ledger. Reading `pg_class` is what makes it the truth of now:
 * `to_regclass` alone may answer from the session's cache, which a wait for an advisory lock does not bring up to date.
 */
const columnsThere = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT a.attname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.oid = to_regclass(${ledger}) AND a.attnum > 0 AND NOT a.attisdropped`
  const names = yield* Effect.orDie(decodeNames(rows))
  return new Set(names.map(({ name }) => name))
})

/**
 * The recorded steps, oldest first; none where there is no ledger yet. It takes no lock, and reads the Migrator's own
 * shape as well as ours.
 */
export const appliedSteps = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  if ((yield* columnsThere).size === 0) return []
  const rows = yield* sql`
    SELECT migration_id AS id, name,
      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "appliedAt",
      to_jsonb(l) ->> 'checksum' AS checksum, to_jsonb(l) ->> 'mode' AS mode, to_jsonb(l) ->> 'version' AS version
    FROM ${sql(ledger)} l ORDER BY migration_id`
  return yield* Effect.orDie(decodeRecords(rows))
})

/** In the first schema of the search path where the role may; the first of all says why where it may nowhere. */
const create = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT format('%I.', s.name) AS name FROM unnest(current_schemas(false)) WITH ORDINALITY AS s (name, place)
    WHERE has_schema_privilege(s.name, 'CREATE') ORDER BY s.place LIMIT 1`
  const [schema] = yield* Effect.orDie(decodeNames(rows))
  yield* sql.unsafe(`CREATE TABLE ${schema?.name ?? ""}${ledger} (
    migration_id INTEGER PRIMARY KEY,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    name TEXT NOT NULL,
    ${ownColumns.map((column) => `${column} TEXT`).join(", ")}
  )`)
})

/**
 * Makes the ledger where there is none, and extends one of the Migrator's own shape. The Migrator would make it too,
 * but within a transaction it hides why it cannot: it asks again after the failure, and is answered that the
 * transaction is aborted.
 */
export const ensureLedger = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const there = yield* columnsThere
  if (there.size === 0) return yield* create
  const missing = ownColumns.filter((column) => !there.has(column))
  if (missing.length === 0) return
  yield* sql.unsafe(`ALTER TABLE ${ledger} ${missing.map((column) => `ADD COLUMN ${column} TEXT`).join(", ")}`)
})

export interface Details {
  readonly checksum: string
  /** Of the baseline's catalog, where the step is about that. */
  readonly fingerprint: string | null
  /** Of the service that applied it. */
  readonly version: string
  readonly mode: Mode
}

/** Writes our columns of a record that the Migrator has made. */
export const recordDetails = (id: number, { checksum, fingerprint, mode, version }: Details) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      UPDATE ${sql(ledger)}
      SET checksum = ${checksum}, fingerprint = ${fingerprint}, version = ${version}, mode = ${mode}
      WHERE migration_id = ${id}`
  )

/** Gives the records of an older program the checksums of the steps as they are now. */
export const fillChecksums = (steps: ReadonlyArray<LoadedStep>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(
      steps,
      ({ checksum, id }) =>
        sql`UPDATE ${sql(ledger)} SET checksum = ${checksum} WHERE migration_id = ${id} AND checksum IS NULL`,
      { discard: true }
    )
  )

export const removeRecord = (id: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM ${sql(ledger)} WHERE migration_id = ${id}`)
