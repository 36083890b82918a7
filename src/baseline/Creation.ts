import { Record } from "effect"
import { aggregates } from "../domain/mining/Aggregates.ts"
import type { SqlColumn } from "../domain/mining/Column.ts"
import type { Hypertable, Span } from "../domain/mining/Table.ts"
import { baselineTables } from "../domain/mining/Tables.ts"
import type { TableName } from "../domain/mining/Tables.ts"

type Aggregate = (typeof aggregates)[keyof typeof aggregates]
type Compression = NonNullable<Hypertable["compression"]>

const columnDefinition = ([name, column]: readonly [string, SqlColumn]): string => {
  if (column.default?.startsWith("nextval(") === true) return `${name} bigserial`
  const nullability = column.nullable ? "" : " NOT NULL"
  return `${name} ${column.type}${nullability}${column.default === null ? "" : ` DEFAULT ${column.default}`}`
}

const tableStatement = (name: TableName, home: string): string => {
  const { columns, constraints } = baselineTables[name]
  const parts = [
    ...Object.entries(columns).map(columnDefinition),
    ...Object.entries(constraints).map(([constraint, definition]) => `CONSTRAINT ${constraint} ${definition}`)
  ]
  return `CREATE TABLE ${home}${name} (\n  ${parts.join(",\n  ")}\n)`
}

/** Statement that gives a relation to the owner of the core tables; none if that is the session's role. */
const ownerStatements = (relation: string, owner: string | null): ReadonlyArray<string> =>
  owner === null ? [] : [`ALTER ${relation} OWNER TO ${owner}`]

const interval = (span: Span): string => `INTERVAL '${span}'`

export const compressionStatement = (table: string, { orderBy, segmentBy }: Compression): string =>
  `ALTER TABLE ${table} SET (timescaledb.compress, timescaledb.compress_segmentby = '${segmentBy}', ` +
  `timescaledb.compress_orderby = '${orderBy}')`

export const compressionPolicyStatement = (table: string, { after }: Compression): string =>
  `SELECT add_compression_policy('${table}', ${interval(after)})`

export const retentionStatement = (table: string, { dropAfter }: Hypertable): string =>
  `SELECT add_retention_policy('${table}', ${interval(dropAfter)})`

const policyStatements = (table: string, hypertable: Hypertable): ReadonlyArray<string> => {
  const { compression } = hypertable
  const retention = retentionStatement(table, hypertable)
  return compression === null
    ? [retention]
    : [compressionStatement(table, compression), compressionPolicyStatement(table, compression), retention]
}

/**
 * Statements that create a table and everything it owns, in order. `home` is its schema prefix, such as `app.`, which
 * must be in the search path. If empty, the first schema of the path is used.
 */
export const tableStatements = (
  name: TableName,
  timescale: boolean,
  home = "",
  owner: string | null = null
): ReadonlyArray<string> => {
  const { hypertable, indexes } = baselineTables[name]
  const ofTimescale = (statements: (hypertable: Hypertable) => ReadonlyArray<string>) =>
    timescale && hypertable !== undefined ? statements(hypertable) : []
  return [
    tableStatement(name, home),
    ...ownerStatements(`TABLE ${home}${name}`, owner),
    // Must run while the table is empty, and before its indexes are created.
    ...ofTimescale(({ chunk, timeColumn }) => [
      `SELECT create_hypertable('${name}', '${timeColumn}', chunk_time_interval => ${interval(chunk)})`
    ]),
    ...Object.values(indexes),
    ...ofTimescale((hypertable) => policyStatements(name, hypertable))
  ]
}

export const refreshStatement = (view: string, { refresh }: Aggregate): string =>
  `SELECT add_continuous_aggregate_policy('${view}', start_offset => ${interval(refresh.start)}, ` +
  `end_offset => ${interval(refresh.end)}, schedule_interval => ${interval(refresh.every)})`

/** Statements that create a continuous aggregate. Without `WITH NO DATA` it could not be created in a transaction. */
export const aggregateStatements = (
  view: string,
  aggregate: Aggregate,
  home = "",
  owner: string | null = null
): ReadonlyArray<string> => [
  `CREATE MATERIALIZED VIEW ${home}${view} WITH (timescaledb.continuous) AS ${aggregate.definition} WITH NO DATA`,
  ...ownerStatements(`MATERIALIZED VIEW ${home}${view}`, owner),
  refreshStatement(view, aggregate)
]

/**
 * Statements that create the baseline on a database without its core tables, in order, each to be run by itself.
 * Tables that are present stay as they are. No statement writes a row.
 */
export const creationStatements = (options: {
  readonly timescale: boolean
  readonly isPresent: (table: TableName) => boolean
}): ReadonlyArray<string> => [
  ...Record.keys(baselineTables)
    .filter((name) => !options.isPresent(name))
    .flatMap((name) => tableStatements(name, options.timescale)),
  ...(options.timescale ? Object.entries(aggregates).flatMap(([view, one]) => aggregateStatements(view, one)) : [])
]
