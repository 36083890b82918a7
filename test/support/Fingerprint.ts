import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { ownTables } from "../../src/baseline/OwnTables.ts"

const ours = ["tbg_api_migrations", ...Object.keys(ownTables)]

/**
 * What the tables that are not ours hold, with the place and the transaction of every row and of every entry of the
 * catalog: two fingerprints are equal only when nothing was written in between, not even the same again.
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
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_class of ON of.oid = i.indrelid
    WHERE n.nspname = 'public' AND coalesce(of.relname, c.relname) <> ALL (${ours})
    ORDER BY c.oid`
  const tables = yield* sql<{ name: string }>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL (${ours}) ORDER BY tablename`
  const rows = yield* Effect.forEach(
    tables,
    ({ name }) => sql`
      SELECT ${name} AS name, count(*)::int AS count,
        md5(string_agg(t.ctid::text || t.xmin::text || t::text, ',' ORDER BY t.ctid)) AS hash
      FROM ${sql(name)} t`
  )
  const sequences = yield* sql`SELECT sequencename, last_value::text FROM pg_sequences ORDER BY sequencename`
  return { catalog, rows: rows.flat(), sequences }
})

/** The names of the tables that are there. */
export const tableNames = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ name: string }>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`
  return tables.map(({ name }) => name)
})
