import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * All rows and catalog entries of `public` with their location and transaction. Two fingerprints are equal only if
 * nothing was written in between, not even the same values.
 */
export const fingerprint = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const catalog = yield* sql`
    SELECT c.oid::text, c.relname, c.relfilenode::text, c.xmin::text,
      (SELECT string_agg(a.attname || a.xmin::text, ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid)
        AS columns,
      (SELECT string_agg(k.conname || k.xmin::text, ',' ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid)
        AS constraints,
      (SELECT string_agg(t.tgname || t.xmin::text, ',' ORDER BY t.tgname) FROM pg_trigger t WHERE t.tgrelid = c.oid)
        AS triggers
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public'
    ORDER BY c.oid`
  const tables = yield* sql<{ name: string }>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`
  const rows = yield* Effect.forEach(
    tables,
    ({ name }) => sql`
      SELECT ${name} AS name, count(*)::int AS count,
        md5(string_agg(t.ctid::text || t.xmin::text || t::text, ',' ORDER BY t.ctid)) AS hash
      FROM ${sql(name)} t`
  )
  const sequences = yield* sql`
    SELECT sequencename, last_value::text FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename`
  return { catalog, rows: rows.flat(), sequences }
})

const tablesOf = (schema: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const tables = yield* sql<{ name: string }>`
      SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE nspname = ${schema} AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`
    return tables.map(({ name }) => name)
  })

/** Names of the tables in `public`, without partitions. */
export const tableNames = tablesOf("public")

/** Names of the tables in our schema, without partitions. */
export const ownTableNames = tablesOf("tbg_api")
