import { Record } from "effect"
import { aggregateStatements, hypertableStatements, policyStatements } from "./TimescaleCreation.ts"
import { baselineTables } from "./Schema.ts"
import type { TableName } from "./Schema.ts"
import type { Column } from "./Table.ts"

const columnDefinition = ([name, column]: readonly [string, Column]): string => {
  if (column.default?.startsWith("nextval(") === true) return `${name} bigserial`
  const nullability = column.nullable ? "" : " NOT NULL"
  return `${name} ${column.type}${nullability}${column.default === null ? "" : ` DEFAULT ${column.default}`}`
}

const tableStatement = (name: TableName, home: string): string => {
  const { columns, constraints } = baselineTables[name]
  const parts = [
    ...Object.entries<Column>(columns).map(columnDefinition),
    ...Object.entries<string>(constraints).map(([constraint, definition]) => `CONSTRAINT ${constraint} ${definition}`)
  ]
  return `CREATE TABLE ${home}${name} (\n  ${parts.join(",\n  ")}\n)`
}

/** Statement that makes the owner of the core tables own a relation; none if that is the session's role. */
export const givenTo = (relation: string, owner: string | null = null): ReadonlyArray<string> =>
  owner === null ? [] : [`ALTER ${relation} OWNER TO ${owner}`]

/**
 * Statements that create a table and everything it owns, in order. `home` is its schema prefix, such as `app.`, which
 * must be in the search path. If empty, the first schema of the path is used.
 */
export const tableCreation = (
  name: TableName,
  timescale: boolean,
  home = "",
  owner: string | null = null
): ReadonlyArray<string> => [
  tableStatement(name, home),
  ...givenTo(`TABLE ${home}${name}`, owner),
  ...(timescale ? hypertableStatements(name) : []),
  ...Object.values(baselineTables[name].indexes),
  ...(timescale ? policyStatements(name) : [])
]

/**
 * The statements that make the baseline on a database without its core tables, in order, each to be run by itself.
 * Tables that `isPresent` are left alone; hypertables, policies and aggregates are made `timescale` permitting. No
 * statement writes a row: those of the init script are its own.
 */
export const creationStatements = (options: {
  readonly timescale: boolean
  readonly isPresent: (table: TableName) => boolean
}): ReadonlyArray<string> => [
  ...Record.keys(baselineTables)
    .filter((name) => !options.isPresent(name))
    .flatMap((name) => tableCreation(name, options.timescale)),
  ...(options.timescale ? aggregateStatements : [])
]
