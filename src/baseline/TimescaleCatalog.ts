import { Duration, Effect, Record, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { aggregates } from "../domain/mining/Aggregates.ts"
import { baselineTables } from "../domain/mining/Tables.ts"

const Seconds = Schema.NullOr(Schema.Number)

/** Background job; `after` is `null` if its setting is not an interval. */
const FoundPolicy = Schema.NullOr(Schema.Struct({ after: Seconds, scheduled: Schema.Boolean }))

/** Spans in seconds. */
export const FoundHypertable = Schema.Struct({
  timeColumn: Schema.String,
  chunk: Seconds,
  compression: Schema.NullOr(
    Schema.Struct({ segmentBy: Schema.NullOr(Schema.String), orderBy: Schema.NullOr(Schema.String) })
  ),
  compressionPolicy: FoundPolicy,
  retentionPolicy: FoundPolicy
})

export const FoundAggregate = Schema.Struct({
  definition: Schema.String,
  refresh: Schema.NullOr(Schema.Struct({ start: Seconds, end: Seconds, every: Seconds, scheduled: Schema.Boolean }))
})

const decodeRows = Schema.decodeUnknownEffect(
  Schema.Tuple([
    Schema.Struct({
      hypertables: Schema.Record(Schema.String, FoundHypertable),
      aggregates: Schema.Record(Schema.String, FoundAggregate)
    })
  ])
)

const wantedPolicies = Record.map(aggregates, ({ refresh }) => ({
  ...Record.map(refresh, Duration.toSeconds),
  scheduled: true
}))

/**
 * TimescaleDB objects, read through views and columns that exist since 2.0 and scan no chunk. Newer versions list the
 * job of an aggregate under its view, older ones under its materialization. If an aggregate has several refresh
 * policies, the one that matches the expected policy is returned.
 */
export const timescaleObjects = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const policy = (name: string, key: string) => sql`(
    SELECT json_build_object('after', extract(epoch FROM (j.config ->> ${key})::interval), 'scheduled', j.scheduled)
    FROM timescaledb_information.jobs j
    WHERE j.proc_name = ${name} AND j.hypertable_schema = d.hypertable_schema AND j.hypertable_name = d.hypertable_name
    ORDER BY j.job_id
    LIMIT 1
  )`
  const rows = yield* sql`
    SELECT
      (
        SELECT coalesce(json_object_agg(d.hypertable_name, json_build_object(
          'timeColumn', d.column_name,
          'chunk', extract(epoch FROM d.time_interval),
          'compression', (
            SELECT json_build_object(
              'segmentBy', string_agg(c.attname, ', ' ORDER BY c.segmentby_column_index)
                FILTER (WHERE c.segmentby_column_index IS NOT NULL),
              'orderBy', string_agg(c.attname || CASE WHEN c.orderby_asc THEN '' ELSE ' DESC' END
                || CASE WHEN c.orderby_asc <> c.orderby_nullsfirst THEN ''
                  WHEN c.orderby_nullsfirst THEN ' NULLS FIRST' ELSE ' NULLS LAST' END,
                ', ' ORDER BY c.orderby_column_index)
                FILTER (WHERE c.orderby_column_index IS NOT NULL)
            )
            FROM timescaledb_information.compression_settings c
            WHERE c.hypertable_schema = d.hypertable_schema AND c.hypertable_name = d.hypertable_name
            HAVING count(*) > 0
          ),
          'compressionPolicy', ${policy("policy_compression", "compress_after")},
          'retentionPolicy', ${policy("policy_retention", "drop_after")}
        )), '{}')
        FROM timescaledb_information.dimensions d
        WHERE d.dimension_number = 1
          AND d.hypertable_name = ANY (${Object.keys(baselineTables)})
          AND pg_table_is_visible(to_regclass(format('%I.%I', d.hypertable_schema, d.hypertable_name)))
      ) AS hypertables,
      (
        SELECT coalesce(json_object_agg(a.view_name, json_build_object(
          'definition', a.view_definition,
          'refresh', (
            SELECT r.policy FROM (
              SELECT j.job_id, jsonb_build_object(
                'start', extract(epoch FROM (j.config ->> 'start_offset')::interval),
                'end', extract(epoch FROM (j.config ->> 'end_offset')::interval),
                'every', extract(epoch FROM j.schedule_interval),
                'scheduled', j.scheduled
              ) AS policy
              FROM timescaledb_information.jobs j
              WHERE j.proc_name = 'policy_refresh_continuous_aggregate'
                AND (j.hypertable_schema, j.hypertable_name) IN (
                  (a.view_schema, a.view_name),
                  (a.materialization_hypertable_schema, a.materialization_hypertable_name)
                )
            ) r
            ORDER BY r.policy = ${JSON.stringify(wantedPolicies)}::jsonb -> a.view_name::text DESC, r.job_id
            LIMIT 1
          )
        )), '{}')
        FROM timescaledb_information.continuous_aggregates a
        WHERE a.view_name = ANY (${Object.keys(aggregates)})
          AND pg_table_is_visible(to_regclass(format('%I.%I', a.view_schema, a.view_name)))
      ) AS aggregates`
  const [found] = yield* Effect.orDie(decodeRows(rows))
  return found
})
