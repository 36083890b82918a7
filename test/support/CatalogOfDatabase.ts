import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { pinPrinting } from "../../src/baseline/SearchPath.ts"
import { inSnapshot } from "../../src/baseline/Snapshot.ts"
import { constraintsOf } from "./CatalogFixture.ts"
import type { CatalogFixture } from "./CatalogFixture.ts"

/** The catalog of a fixture in the shape in which `catalogOfDatabase` reads it back. */
export const comparable = ({ sequences, tables }: CatalogFixture) => ({
  tables: Object.entries(tables).map(([name, table]) => ({
    name,
    columns: table.columns.map(({ default: value, name, nullable, type }) => ({
      name,
      type,
      nullable,
      default: value
    })),
    constraints: constraintsOf(table),
    indexes: Object.fromEntries(table.indexes.map(({ definition, name }) => [name, definition]))
  })),
  sequences: sequences.map(({ name, owned_by, type }) => ({ name, type, owned_by }))
})

/** All tables and sequences of the schema `public`, as Postgres prints their definitions. */
export const catalogOfDatabase = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql`
    SELECT
      t.relname AS name,
      (
        SELECT json_agg(json_build_object(
          'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
          'default', pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum)
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      ) AS columns,
      (
        SELECT coalesce(json_object_agg(conname, pg_get_constraintdef(oid)), '{}')
        FROM pg_constraint WHERE conrelid = t.oid AND contype <> 'n'
      ) AS constraints,
      (SELECT coalesce(json_object_agg(indexname, indexdef), '{}') FROM pg_indexes WHERE tablename = t.relname) AS indexes
    FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = 'public' AND t.relkind = 'r'
    ORDER BY t.relname`
  const sequences = yield* sql`
    SELECT s.relname AS name, format_type(q.seqtypid, NULL) AS type, t.relname || '.' || a.attname AS owned_by
    FROM pg_class s
    JOIN pg_sequence q ON q.seqrelid = s.oid
    JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'a'
    JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    ORDER BY s.relname`
  return { tables, sequences }
}).pipe((read) => inSnapshot(Effect.andThen(pinPrinting, read)))
