import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ownSchema } from "../../baseline/SearchPath.ts"
import { Step } from "./History.ts"
import type { LoadedStep } from "./History.ts"
import { MigrationRefused } from "./MigrationRefused.ts"
import { orAdministrator } from "./Rights.ts"

/** Our own ledger; `schema_migrations` belongs to the database's owner. */
export const ledger = `${ownSchema}.migrations`

/** Its name in versions that kept it in the first schema of their search path. */
const formerName = "tbg_api_migrations"

/** What we keep beside the Migrator's own columns; each may be `NULL`, as the Migrator writes a row without them. */
const ownColumns = ["checksum", "fingerprint", "version", "mode"] as const

/** How a migration came to be recorded: on tables that were there, by creating them, or by running it. */
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

const FoundLedger = Schema.Struct({
  /** Qualified and quoted. */
  name: Schema.String,
  schema: Schema.String,
  /** Whether a name without a schema can mean it, or it is in `public`. */
  isNear: Schema.Boolean,
  columns: Schema.Array(Schema.String)
})
const decodeLedgers = Schema.decodeUnknownEffect(Schema.Array(FoundLedger))

/**
 * The ledger: ours, or the one that an earlier version left elsewhere; `undefined` if there is none. Reading `pg_class`
 * is what makes it the truth of now: `to_regclass` may answer from the session's cache, which a wait for an advisory
 * lock does not bring up to date.
 */
const foundLedger = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname AS schema, near.place IS NOT NULL AS "isNear",
      array_agg(a.attname::text) AS columns
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL (SELECT array_position(current_schemas(false) || name 'public', n.nspname) AS place) near
    WHERE c.relkind = 'r' AND (c.relname = ${formerName} OR (c.relname = 'migrations' AND n.nspname = ${ownSchema}))
    GROUP BY n.nspname, c.relname, near.place
    ORDER BY n.nspname <> ${ownSchema}, near.place, n.nspname`
  const [first, second] = yield* Effect.orDie(decodeLedgers(rows))
  if (first === undefined || second === undefined || first.schema === ownSchema || first.isNear) return first
  return yield* new MigrationRefused({
    message: `migrations: both ${first.name} and ${second.name} may be the ledger; put the schema of the right one into the search_path of this role`
  })
})

/**
 * The recorded migrations, oldest first; none if there is no ledger yet. It takes no lock, and reads the Migrator's own
 * shape as well as ours.
 */
export const appliedSteps = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* foundLedger
  if (found === undefined) return []
  const rows = yield* sql`
    SELECT migration_id AS id, name,
      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "appliedAt",
      to_jsonb(l) ->> 'checksum' AS checksum, to_jsonb(l) ->> 'mode' AS mode, to_jsonb(l) ->> 'version' AS version
    FROM ${sql.literal(found.name)} l ORDER BY migration_id`
  return yield* Effect.orDie(decodeRecords(rows))
})

const create = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.unsafe(`CREATE TABLE ${ledger} (
    migration_id INTEGER PRIMARY KEY,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    name TEXT NOT NULL,
    ${ownColumns.map((column) => `${column} TEXT`).join(", ")}
  )`)
)

/** Moves a ledger of an earlier version, with its records and the rights on it. */
const move = Effect.fnUntraced(function* (name: string) {
  const statements = [
    `ALTER TABLE ${name} SET SCHEMA ${ownSchema}`,
    `ALTER TABLE ${ownSchema}.${formerName} RENAME TO migrations`
  ]
  const sql = yield* SqlClient.SqlClient
  yield* orAdministrator(
    Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true }),
    {
      what: `may not move the ledger ${name} to the schema ${ownSchema}`,
      statements: () => statements
    }
  )
})

const createSchema = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql`SELECT FROM pg_catalog.pg_namespace WHERE nspname = ${ownSchema}`
  if (found.length > 0) return
  yield* orAdministrator(sql.unsafe(`CREATE SCHEMA ${ownSchema}`), {
    what: `may not create the schema ${ownSchema}`,
    statements: (role) => [`CREATE SCHEMA ${ownSchema} AUTHORIZATION ${role}`]
  })
})

/**
 * Creates our schema and the ledger, or brings a ledger of an earlier version there. The Migrator would create it too,
 * but within a transaction it hides why it cannot: it asks again after the failure, and is answered that the
 * transaction is aborted.
 */
export const ensureLedger = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* createSchema
  const found = yield* foundLedger
  if (found === undefined) {
    yield* create
    return
  }
  if (found.schema !== ownSchema) yield* move(found.name)
  const missing = ownColumns.filter((column) => !found.columns.includes(column))
  if (missing.length === 0) return
  yield* sql.unsafe(`ALTER TABLE ${ledger} ${missing.map((column) => `ADD COLUMN ${column} TEXT`).join(", ")}`)
})

/** Fails unless the ledger is where this version keeps it. */
export const requireOwnLedger = Effect.flatMap(foundLedger, (found) =>
  found === undefined || found.schema === ownSchema
    ? Effect.void
    : Effect.fail(
        new MigrationRefused({
          message: `migrations: an earlier version keeps the ledger ${found.name}; run tbg migrate up first`
        })
      )
)

export interface Details {
  readonly checksum: string
  /** Of the baseline's catalog, if the migration is about that. */
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

/** Gives the records of an older program the checksums of the migrations as they are now. */
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
