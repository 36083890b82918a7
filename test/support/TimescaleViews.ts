import { timescaleCatalog } from "./CatalogFixture.ts"

const text = (value: string | null) => (value === null ? "NULL" : `'${value.replaceAll("'", "''")}'`)

const { continuous_aggregates: aggregates = {}, hypertables = {} } = timescaleCatalog

const job = (name: string, hypertable: string, every: string, config: unknown) =>
  `INSERT INTO timescaledb_information.jobs (proc_name, schedule_interval, scheduled, config, hypertable_schema,
    hypertable_name) VALUES ('policy_${name}', '${every}', true, ${text(JSON.stringify(config))}, ${hypertable})`

const ofHypertables = Object.entries(hypertables).flatMap(([table, found]) => {
  const of = `'public', '${table}'`
  const [column, direction] = found.compression?.orderby.replaceAll('"', "").split(" ") ?? []
  return [
    `INSERT INTO timescaledb_information.dimensions VALUES (${of}, 1, '${found.time_column}', '${found.chunk_interval}')`,
    job("retention", of, "1 day", found.retention_policy.config),
    ...(found.compression_policy === null ? [] : [job("compression", of, "12:00:00", found.compression_policy.config)]),
    ...(found.compression === null
      ? []
      : [
          `INSERT INTO timescaledb_information.compression_settings VALUES
            (${of}, '${found.compression.segmentby}', 1, NULL, NULL, NULL),
            (${of}, '${column}', NULL, 1, ${direction !== "DESC"}, ${direction === "DESC"})`
        ])
  ]
})

const ofAggregates = Object.entries(aggregates).flatMap(([view, found]) => {
  const kept = found.materialization_hypertable
  const { end_offset, schedule_interval = "", start_offset } = found.refresh_policy ?? {}
  return [
    `CREATE VIEW ${view} AS SELECT 1 AS bucket`,
    `INSERT INTO timescaledb_information.continuous_aggregates VALUES
      ('public', '${view}', '${kept.schema}', '${kept.name}', ${text(found.view_definition)})`,
    ...(found.refresh_policy === null
      ? []
      : [
          job("refresh_continuous_aggregate", `'${kept.schema}', '${kept.name}'`, schedule_interval, {
            start_offset,
            end_offset
          })
        ])
  ]
})

/**
 * TimescaleDB's information views for the init script's database, as plain tables for the statement that reads them.
 * They have part of the columns of version 2.21.
 */
export const timescaleViews: ReadonlyArray<string> = [
  "CREATE SCHEMA timescaledb_information",
  `CREATE TABLE timescaledb_information.dimensions (hypertable_schema name, hypertable_name name,
    dimension_number bigint, column_name name, time_interval interval)`,
  `CREATE TABLE timescaledb_information.compression_settings (hypertable_schema name, hypertable_name name, attname name,
    segmentby_column_index smallint, orderby_column_index smallint, orderby_asc boolean, orderby_nullsfirst boolean)`,
  `CREATE TABLE timescaledb_information.jobs (job_id serial, proc_name name, schedule_interval interval,
    scheduled boolean, config jsonb, hypertable_schema name, hypertable_name name)`,
  `CREATE TABLE timescaledb_information.continuous_aggregates (view_schema name, view_name name,
    materialization_hypertable_schema name, materialization_hypertable_name name, view_definition text)`,
  ...ofHypertables,
  ...ofAggregates
]
