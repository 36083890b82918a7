import { Effect, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import { ownSchema } from "../../baseline/SearchPath.ts"
import { AppliedMigration } from "./History.ts"
import type { LoadedMigration } from "./History.ts"
import { MigrationRefused } from "./Refusal.ts"

/** Our own ledger; `schema_migrations` belongs to the database's owner. */
export const ledger = `${ownSchema}.migrations`

/** Ledger name in earlier versions, which kept it in the first schema of the search path. */
const formerName = "tbg_api_migrations"

/** Columns unknown to the Migrator; each may be `NULL`, because the Migrator writes rows without them. */
const ownColumns = ["checksum", "fingerprint", "version", "mode"] as const

/** Kind of a record: the baseline tables existed, the baseline migration created them, or another migration was run. */
export type Mode = "recognised" | "created" | "applied"

const AppliedRecord = Schema.Struct({
  ...AppliedMigration.fields,
  mode: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.String)
})
export type AppliedRecord = typeof AppliedRecord.Type

const findLedgers = SqlSchema.findAll({
  Request: Schema.Void,
  Result: Schema.Struct({
    name: Schema.String,
    schema: Schema.String,
    isInSearchPath: Schema.Boolean,
    columns: Schema.Array(Schema.String)
  }),
  execute: () =>
    SqlClient.SqlClient.use(
      (sql) => sql`
        SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname AS schema, near.place IS NOT NULL AS "isInSearchPath",
          array_agg(a.attname::text) AS columns
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        CROSS JOIN LATERAL (SELECT array_position(current_schemas(false) || name 'public', n.nspname) AS place) near
        WHERE c.relkind = 'r' AND (c.relname = ${formerName} OR (c.relname = 'migrations' AND n.nspname = ${ownSchema}))
        GROUP BY n.nspname, c.relname, near.place
        ORDER BY n.nspname <> ${ownSchema}, near.place, n.nspname`
    )
})

/**
 * Ledger in our schema, or where an earlier version left it; `undefined` if there is none. Reads `pg_class`, because
 * `to_regclass` may answer from a session cache, which waiting for an advisory lock does not refresh.
 */
const foundLedger = Effect.gen(function* () {
  const [first, second] = yield* Effect.catchTag(findLedgers(), "SchemaError", Effect.die)
  if (first === undefined || second === undefined || first.schema === ownSchema || first.isInSearchPath) return first
  return yield* new MigrationRefused({
    message: `migrations: both ${first.name} and ${second.name} may be the ledger; add the schema of the right one to the search_path of this role`
  })
})

const findRecords = SqlSchema.findAll({
  Request: Schema.String,
  Result: AppliedRecord,
  execute: (table) =>
    SqlClient.SqlClient.use(
      (sql) => sql`
        SELECT migration_id AS id, name,
          to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "appliedAt",
          to_jsonb(l) ->> 'checksum' AS checksum, to_jsonb(l) ->> 'mode' AS mode, to_jsonb(l) ->> 'version' AS version
        FROM ${sql.literal(table)} l ORDER BY migration_id`
    )
})

/** Recorded migrations, oldest first. Takes no lock; also reads ledgers written by the Migrator. */
export const appliedMigrations = Effect.gen(function* () {
  const found = yield* foundLedger
  return found === undefined ? [] : yield* Effect.catchTag(findRecords(found.name), "SchemaError", Effect.die)
})

const findRole = SqlSchema.findOne({
  Request: Schema.Void,
  Result: Schema.Struct({ role: Schema.String }),
  execute: () => SqlClient.SqlClient.use((sql) => sql`SELECT '"' || replace(current_user, '"', '""') || '"' AS role`)
})

/** Runs DDL; if the role lacks rights, fails with the statements for an administrator. */
export const orAdministrator = Effect.fnUntraced(function* <A, E, R>(
  ddl: Effect.Effect<A, E, R>,
  refusal: { readonly what: string; readonly statements: (role: string) => ReadonlyArray<string> }
) {
  // Read first, because a failure aborts the transaction.
  const { role } = yield* Effect.orDie(findRole())
  const isDenied = (error: unknown): boolean => isSqlError(error) && error.reason._tag === "AuthorizationError"
  return yield* Effect.catchIf(ddl, isDenied, () => {
    const statements = refusal.statements(role).map((statement) => `${statement};`)
    return new MigrationRefused({
      message: `migrations: the role ${role} ${refusal.what}; nothing was changed. An administrator must run:\n${statements.join("\n")}`
    })
  })
})

const runAll = (statements: ReadonlyArray<string>) =>
  SqlClient.SqlClient.use((sql) => Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true }))

const move = (name: string) => {
  const statements = [
    `ALTER TABLE ${name} SET SCHEMA ${ownSchema}`,
    `ALTER TABLE ${ownSchema}.${formerName} RENAME TO migrations`
  ]
  return orAdministrator(runAll(statements), {
    what: `may not move the ledger ${name} to the schema ${ownSchema}`,
    statements: () => statements
  })
}

const createSchema = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql`SELECT FROM pg_catalog.pg_namespace WHERE nspname = ${ownSchema}`
  if (found.length > 0) return
  yield* orAdministrator(runAll([`CREATE SCHEMA ${ownSchema}`]), {
    what: `may not create the schema ${ownSchema}`,
    statements: (role) => [`CREATE SCHEMA ${ownSchema} AUTHORIZATION ${role}`]
  })
})

/**
 * Creates our schema and the ledger, or moves the ledger of an earlier version there. The Migrator could create it, but
 * in a transaction it hides the error: its second query reports only the aborted transaction.
 */
export const ensureLedger = Effect.gen(function* () {
  yield* createSchema
  const found = yield* foundLedger
  if (found === undefined) {
    return yield* runAll([
      `CREATE TABLE ${ledger} (
        migration_id INTEGER PRIMARY KEY,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        name TEXT NOT NULL,
        ${ownColumns.map((column) => `${column} TEXT`).join(", ")}
      )`
    ])
  }
  if (found.schema !== ownSchema) yield* move(found.name)
  const missing = ownColumns.filter((column) => !found.columns.includes(column))
  if (missing.length === 0) return
  yield* runAll([`ALTER TABLE ${ledger} ${missing.map((column) => `ADD COLUMN ${column} TEXT`).join(", ")}`])
})

export const requireOwnLedger = Effect.gen(function* () {
  const found = yield* foundLedger
  if (found === undefined || found.schema === ownSchema) return
  return yield* new MigrationRefused({
    message: `migrations: an earlier version keeps the ledger ${found.name}; run tbg migrate up first`
  })
})

/** Values of our columns; `fingerprint` is `null` for a migration that does not compare the baseline. */
export type Details = Readonly<Record<"checksum" | "version", string>> & {
  readonly fingerprint: string | null
  readonly mode: Mode
}

export const recordDetails = Effect.fnUntraced(function* (id: number, details: Details) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE ${sql(ledger)} SET ${sql.update({ ...details })} WHERE migration_id = ${id}`
})

/** Adds the current checksums to records that an earlier version wrote without them. */
export const fillChecksums = Effect.fnUntraced(function* (migrations: ReadonlyArray<LoadedMigration>) {
  const sql = yield* SqlClient.SqlClient
  for (const { checksum, id } of migrations) {
    yield* sql`UPDATE ${sql(ledger)} SET checksum = ${checksum} WHERE migration_id = ${id} AND checksum IS NULL`
  }
})

export const removeRecord = (id: number) =>
  SqlClient.SqlClient.use((sql) => sql`DELETE FROM ${sql(ledger)} WHERE migration_id = ${id}`)
