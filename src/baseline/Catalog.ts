import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { baselineTables } from "./Schema.ts"

const FoundColumn = Schema.Struct({ type: Schema.String, nullable: Schema.Boolean })

const FoundTable = Schema.Struct({
  columns: Schema.Record(Schema.String, FoundColumn),
  constraints: Schema.Record(Schema.String, Schema.String),
  indexes: Schema.Record(Schema.String, Schema.String)
})

/** What a database holds of the baseline: tables by name, with definitions as Postgres prints them. */
export const Catalog = Schema.Struct({
  /** The TimescaleDB extension is installed in this database. */
  timescale: Schema.Boolean,
  /** It is not, but the server has it preloaded, so that `CREATE EXTENSION` may be tried. */
  timescaleAvailable: Schema.Boolean,
  tables: Schema.Record(Schema.String, FoundTable)
})
export type Catalog = typeof Catalog.Type

const decodeRows = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ catalog: Catalog })]))

/**
 * The live catalog of the baseline's tables, in one statement that any role may run. A table counts when it is the one
 * that its bare name means under the session's `search_path`. Without its preloaded library `CREATE EXTENSION
 * timescaledb` ends the whole session, and only the library's own settings tell an ordinary role that it is loaded.
 */
export const liveCatalog = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT json_build_object(
      'timescale', EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb'),
      'timescaleAvailable', EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
        AND current_setting('timescaledb.disable_load', true) IS NOT NULL,
      'tables', coalesce(json_object_agg(t.relname, json_build_object(
        'columns', (
          SELECT coalesce(json_object_agg(a.attname, json_build_object(
            'type', format_type(a.atttypid, a.atttypmod),
            'nullable', NOT a.attnotnull
          )), '{}')
          FROM pg_attribute a
          WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        ),
        'constraints', (
          SELECT coalesce(json_object_agg(c.conname, pg_get_constraintdef(c.oid)), '{}')
          FROM pg_constraint c
          WHERE c.conrelid = t.oid
        ),
        'indexes', (
          SELECT coalesce(json_object_agg(
            x.relname,
            replace(pg_get_indexdef(i.indexrelid), format(' ON %I.', n.nspname), ' ON ')
          ), '{}')
          FROM pg_index i
          JOIN pg_class x ON x.oid = i.indexrelid
          WHERE i.indrelid = t.oid AND i.indisvalid
        )
      )), '{}')
    ) AS catalog
    FROM pg_class t
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE t.relname = ANY (${Object.keys(baselineTables)})
      AND t.relkind IN ('r', 'p', 'f')
      AND pg_table_is_visible(t.oid)`
  const [{ catalog }] = yield* Effect.orDie(decodeRows(rows))
  return catalog
})
