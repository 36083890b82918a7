import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { coreTables } from "./CoreTables.ts"
import { ownTables } from "./OwnTables.ts"
import { baselineTables } from "./Schema.ts"
import { inBaselineSchema, ownSchema, pinPrinting } from "./SearchPath.ts"
import { inSnapshot } from "./Snapshot.ts"
import { aggregates } from "./Timescale.ts"
import { FoundAggregate, FoundHypertable, timescaleObjects } from "./TimescaleCatalog.ts"

const FoundColumn = Schema.Struct({
  type: Schema.String,
  nullable: Schema.Boolean,
  /** As Postgres prints it, without the schema of the table; of an identity or generated column, how it is made. */
  default: Schema.NullOr(Schema.String)
})

const FoundTable = Schema.Struct({
  columns: Schema.Record(Schema.String, FoundColumn),
  /** Constraints of the table and of its columns' domains. */
  constraints: Schema.Record(Schema.String, Schema.String),
  /** Without the schema of the table. */
  indexes: Schema.Record(Schema.String, Schema.String),
  /** Of rows: `null` where it is off. */
  rowSecurity: Schema.NullOr(Schema.Literals(["enabled", "enabled and forced"])),
  /** What `CREATE POLICY` would say after the table. */
  policies: Schema.Record(Schema.String, Schema.String)
})

const PlainCatalog = Schema.Struct({
  /** The TimescaleDB extension is installed in this database. */
  timescale: Schema.Boolean,
  /** Its version, such as `2.21.4`. */
  timescaleVersion: Schema.NullOr(Schema.String),
  /** It is not, but the server has it preloaded, so that `CREATE EXTENSION` may be tried. */
  timescaleAvailable: Schema.Boolean,
  /**
   * Schema prefix for a new baseline table: the schema of the core tables, or empty if it is first in the search path.
   * `null` if the core tables do not exist, or have several schemas or owners.
   */
  home: Schema.NullOr(Schema.String),
  /** Owner of the core tables, quoted; `null` if that is the session's role. */
  owner: Schema.NullOr(Schema.String),
  /** Those of the baseline and our own. */
  tables: Schema.Record(Schema.String, FoundTable),
  /** What has the name of such a table or of an aggregate and may not be one, by name: `a view`. */
  others: Schema.Record(Schema.String, Schema.String)
})

/**
 * What a database holds of the baseline and of our own tables, by name, with definitions as Postgres prints them.
 * Without TimescaleDB there is none of its objects.
 */
export const Catalog = Schema.Struct({
  ...PlainCatalog.fields,
  hypertables: Schema.Record(Schema.String, FoundHypertable),
  aggregates: Schema.Record(Schema.String, FoundAggregate)
})
export type Catalog = typeof Catalog.Type

const decodeRows = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ catalog: PlainCatalog })]))

const coreNames = Object.keys(coreTables)
const ownNames = Object.keys(ownTables)
const baselineNames = Object.keys(baselineTables)
const relationNames = [...ownNames, ...baselineNames, ...Object.keys(aggregates)]

/**
 * Plain Postgres objects, in one statement that any role may run. Baseline tables are resolved by their unqualified
 * name, ours in our schema. Lookups are by name or table, so chunks and other services' tables cost nothing. An owned
 * sequence gets the name that `BIGSERIAL` would give it, even if the table was renamed. An index dropped meanwhile is
 * in the snapshot but has no definition.
 */
const plainCatalog = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT json_build_object(
      'timescale', EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'),
      'timescaleVersion', (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'),
      'timescaleAvailable', EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb')
        AND current_setting('timescaledb.disable_load', true) IS NOT NULL,
      'home', (
        SELECT CASE WHEN count(DISTINCT (h.relnamespace, h.relowner)) = 1 THEN min(
          CASE WHEN s.nspname = current_schema() THEN '' ELSE format('%I.', s.nspname) END
        ) END
        FROM pg_catalog.pg_class h
        JOIN pg_catalog.pg_namespace s ON s.oid = h.relnamespace
        WHERE h.relname = ANY (${coreNames}) AND h.relkind IN ('r', 'p', 'f') AND pg_table_is_visible(h.oid)
      ),
      'owner', (
        SELECT quote_ident(nullif(min(pg_get_userbyid(h.relowner)), current_user))
        FROM pg_catalog.pg_class h
        WHERE h.relname = ANY (${coreNames}) AND h.relkind IN ('r', 'p', 'f') AND pg_table_is_visible(h.oid)
      ),
      'others', (
        SELECT coalesce(json_object_agg(o.relname, CASE o.relkind
          WHEN 'r' THEN 'a table' WHEN 'p' THEN 'a table' WHEN 'f' THEN 'a table' WHEN 'v' THEN 'a view'
          WHEN 'm' THEN 'a materialized view' WHEN 'S' THEN 'a sequence' WHEN 'c' THEN 'a type' ELSE 'an index'
        END), '{}')
        FROM pg_catalog.pg_class o
        JOIN pg_catalog.pg_namespace s ON s.oid = o.relnamespace
        WHERE o.relname = ANY (${relationNames})
          AND CASE
            WHEN s.nspname = ${ownSchema} THEN o.relname = ANY (${ownNames}) AND o.relkind NOT IN ('r', 'p', 'f')
            WHEN o.relname = ANY (${ownNames}) THEN false
            ELSE pg_table_is_visible(o.oid)
              AND NOT (o.relname = ANY (${baselineNames}) AND o.relkind IN ('r', 'p', 'f'))
          END
      ),
      'tables', coalesce(json_object_agg(t.relname, json_build_object(
        'columns', (
          SELECT coalesce(json_object_agg(a.attname, json_build_object(
            'type', replace(format_type(a.atttypid, a.atttypmod), format('%I.', n.nspname), ''),
            'nullable', NOT a.attnotnull,
            'default', CASE
              WHEN a.attidentity = 'a' THEN 'GENERATED ALWAYS AS IDENTITY'
              WHEN a.attidentity = 'd' THEN 'GENERATED BY DEFAULT AS IDENTITY'
              WHEN a.attgenerated <> '' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ')'
              WHEN pg_get_expr(d.adbin, d.adrelid) ~ '^nextval[(]''[^()]*''::regclass[)]$' AND EXISTS (
                SELECT FROM pg_catalog.pg_depend u
                JOIN pg_catalog.pg_depend o ON (o.classid, o.objid) = (u.refclassid, u.refobjid) AND o.deptype = 'a'
                WHERE (u.classid, u.objid) = ('pg_catalog.pg_attrdef'::regclass, d.oid)
                  AND u.refclassid = 'pg_catalog.pg_class'::regclass
                  AND (o.refclassid, o.refobjid, o.refobjsubid) = ('pg_catalog.pg_class'::regclass, a.attrelid, a.attnum)
              ) THEN format('nextval(%L::regclass)', format('%s_%s_seq', t.relname, a.attname))
              ELSE replace(pg_get_expr(d.adbin, d.adrelid), format('%I.', n.nspname), '')
            END
          )), '{}')
          FROM pg_catalog.pg_attribute a
          LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        ),
        'constraints', (
          SELECT coalesce(json_object_agg(
            c.conname, replace(pg_get_constraintdef(c.oid), format('%I.', n.nspname), '')
          ), '{}')
          FROM pg_catalog.pg_constraint c
          WHERE c.contype IN ('p', 'u', 'f', 'c', 'x') AND (c.conrelid = t.oid OR c.contypid IN (
            SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.oid AND NOT a.attisdropped
          ))
        ),
        'indexes', (
          SELECT coalesce(json_object_agg(
            x.relname,
            replace(replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '), format(' ON %I.', n.nspname), ' ON ')
              || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
          ), '{}')
          FROM pg_catalog.pg_index i
          JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
          WHERE i.indrelid = t.oid AND pg_get_indexdef(i.indexrelid) IS NOT NULL
        ),
        'rowSecurity', CASE
          WHEN t.relrowsecurity AND t.relforcerowsecurity THEN 'enabled and forced'
          WHEN t.relrowsecurity THEN 'enabled'
        END,
        'policies', (
          SELECT coalesce(json_object_agg(p.polname, concat_ws(' ',
            CASE WHEN NOT p.polpermissive THEN 'AS RESTRICTIVE' END,
            CASE p.polcmd WHEN '*' THEN 'FOR ALL' WHEN 'r' THEN 'FOR SELECT' WHEN 'a' THEN 'FOR INSERT'
              WHEN 'w' THEN 'FOR UPDATE' ELSE 'FOR DELETE' END,
            'TO ' || (
              SELECT string_agg(coalesce(quote_ident(r.rolname), 'public'), ', ' ORDER BY r.rolname)
              FROM unnest(p.polroles) role (oid) LEFT JOIN pg_catalog.pg_roles r ON r.oid = role.oid
            ),
            'USING ' || pg_get_expr(p.polqual, p.polrelid),
            'WITH CHECK ' || pg_get_expr(p.polwithcheck, p.polrelid)
          )), '{}')
          FROM pg_catalog.pg_policy p
          WHERE p.polrelid = t.oid
        )
      )), '{}')
    ) AS catalog
    FROM pg_catalog.pg_class t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    WHERE t.relname = ANY (${relationNames})
      AND t.relkind IN ('r', 'p', 'f')
      AND CASE
        WHEN n.nspname = ${ownSchema} THEN t.relname = ANY (${ownNames})
        ELSE t.relname = ANY (${baselineNames}) AND pg_table_is_visible(t.oid)
      END`
  const [{ catalog }] = yield* Effect.orDie(decodeRows(rows))
  return catalog
})

const foundCatalog = Effect.gen(function* () {
  const plain = yield* plainCatalog
  const { aggregates, hypertables } = plain.timescale ? yield* timescaleObjects : { aggregates: {}, hypertables: {} }
  const catalog: Catalog = { ...plain, hypertables, aggregates }
  return catalog
})

/** Live catalog of the baseline and our own tables, read in the current transaction. */
export const liveCatalog = Effect.andThen(pinPrinting, inBaselineSchema(foundCatalog))

/** The live catalog as of one moment; not for use within a transaction. */
export const catalogSnapshot = inSnapshot(liveCatalog)
