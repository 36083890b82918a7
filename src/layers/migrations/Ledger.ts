import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ownSchema } from "../../baseline/SearchPath.ts"
import { Step } from "./History.ts"
import type { LoadedStep } from "./History.ts"
import { MigrationRefused } from "./MigrationRefused.ts"
import { orAdministrator } from "./Rights.ts"

/** Our own ledger; `schema_migrations` belongs to the database's owner. */
export const ledger = `${ownSchema}.migrations`

/** Ledger name in earlier versions, which kept it in the first schema of their search path. */
const formerName = "tbg_api_migrations"

/** What we keep beside the Migrator's own columns; each may be `NULL`, as the Migrator writes a row without them. */
const ownColumns = ["checksum", "fingerprint", "version", "mode"] as const

/** How a migration was recorded: on existing tables, by creating them, or by running it. */
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
  /** Whether an unqualified name can refer to it, or it is in `public`. */
  isNear: Schema.Boolean,
  columns: Schema.Array(Schema.String)
})
const decodeLedgers = Schema.decodeUnknownEffect(Schema.Array(FoundLedger))

/**
 * Ledger in our schema, or where an earlier version left it; `undefined` if there is none. Reads `pg_class`, because
 * `to_regclass` may answer from a session cache, which waiting for an advisory lock does not refresh.
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
    message: `migrations: both ${first.name} and ${second.name} may be the ledger; add the schema of the right one to the search_path of this role`
  })
})

/**
 * Recorded migrations, oldest first; none if there is no ledger. Takes no lock, and reads ledgers of the Migrator as
 * well as ours.
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
 * Creates our schema and the ledger, or moves the ledger of an earlier version there. The Migrator could create it, but
 * in a transaction it hides the error: its second query reports only the aborted transaction.
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
  /** Of the baseline catalog; only for a migration that compares it. */
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

/** Adds current checksums to records that an older version wrote without. */
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
