import { intervalText } from "./Interval.ts"
import type { TableName } from "./Schema.ts"
import { aggregates, hypertables } from "./Timescale.ts"
import type { Aggregate, Hypertable } from "./Timescale.ts"

const interval = (seconds: number): string => `INTERVAL '${intervalText(seconds)}'`

const hypertableStatement = (table: string, { chunk, timeColumn }: Hypertable): string =>
  `SELECT create_hypertable('${table}', '${timeColumn}', chunk_time_interval => ${interval(chunk)})`

/** How a hypertable is to be compressed; none where it is not. */
export const compressionStatements = (table: string, { compression }: Hypertable): ReadonlyArray<string> =>
  compression === null
    ? []
    : [
        `ALTER TABLE ${table} SET (timescaledb.compress, timescaledb.compress_segmentby = '${compression.segmentBy}', ` +
          `timescaledb.compress_orderby = '${compression.orderBy}')`
      ]

/** When it is compressed; none where it is not. */
export const compressionPolicyStatements = (table: string, { compression }: Hypertable): ReadonlyArray<string> =>
  compression === null ? [] : [`SELECT add_compression_policy('${table}', ${interval(compression.after)})`]

export const retentionStatement = (table: string, { dropAfter }: Hypertable): string =>
  `SELECT add_retention_policy('${table}', ${interval(dropAfter)})`

/** Made in `home` as a table is (`tableCreation`). `WITH NO DATA` is what lets it be made within a transaction. */
export const aggregateStatement = (view: string, { definition }: Aggregate, home = ""): string =>
  `CREATE MATERIALIZED VIEW ${home}${view} WITH (timescaledb.continuous) AS ${definition} WITH NO DATA`

export const refreshStatement = (view: string, { refresh }: Aggregate): string =>
  `SELECT add_continuous_aggregate_policy('${view}', start_offset => ${interval(refresh.start)}, ` +
  `end_offset => ${interval(refresh.end)}, schedule_interval => ${interval(refresh.every)})`

/** Makes a table a hypertable; to be run while it is empty, before its indexes are made. */
export const hypertableStatements = (table: TableName): ReadonlyArray<string> => {
  const hypertable = hypertables[table]
  return hypertable === undefined ? [] : [hypertableStatement(table, hypertable)]
}

/** How long a hypertable keeps its rows, and when it compresses them. */
export const policyStatements = (table: TableName): ReadonlyArray<string> => {
  const hypertable = hypertables[table]
  return hypertable === undefined
    ? []
    : [
        ...compressionStatements(table, hypertable),
        ...compressionPolicyStatements(table, hypertable),
        retentionStatement(table, hypertable)
      ]
}

/** The continuous aggregates and how they are refreshed. */
export const aggregateStatements: ReadonlyArray<string> = Object.entries(aggregates).flatMap(([view, aggregate]) => [
  aggregateStatement(view, aggregate),
  refreshStatement(view, aggregate)
])
