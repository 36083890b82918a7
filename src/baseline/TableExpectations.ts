import type { SqlColumn } from "../domain/mining/Column.ts"
import { normalDefault, normalIndex } from "./Definition.ts"
import type { Expectation } from "./Difference.ts"
import type { FoundTable } from "./FoundTable.ts"

/** Expected columns, and definitions by name as Postgres prints them. */
type ExpectedTable = Pick<FoundTable, "columns" | "constraints" | "indexes">

const describeColumn = ({ nullable, type }: Pick<SqlColumn, "nullable" | "type">): string =>
  nullable ? type : `${type} NOT NULL`

const describeTable = ({ columns }: ExpectedTable): string =>
  `a table (${Object.entries(columns)
    .map(([name, column]) => `${name} ${describeColumn(column)}`)
    .join(", ")})`

const columnExpectations = (table: string, wanted: ExpectedTable, found: FoundTable): ReadonlyArray<Expectation> =>
  Object.entries(wanted.columns).flatMap(([name, column]): ReadonlyArray<Expectation> => {
    const other = found.columns[name]
    const itself: Expectation = {
      severity: other?.type === column.type ? "warning" : "blocking",
      kind: "column",
      object: `column ${table}.${name}`,
      wanted: describeColumn(column),
      found: other === undefined ? null : describeColumn(other)
    }
    if (other === undefined) return [itself]
    const none = "no default"
    const value: Expectation = {
      severity: "warning",
      kind: "default",
      object: `default of ${table}.${name}`,
      wanted: column.default ?? none,
      found: normalDefault(other.default) ?? (column.default === null ? none : null)
    }
    return [itself, value]
  })

/** Returns the expected definition if it exists under any name, otherwise the definition under the expected name. */
const foundDefinition = (
  name: string,
  definition: string,
  found: Readonly<Record<string, string>>,
  normal: (definition: string) => string
): string | null => {
  const isThere = Object.values(found).some((other) => normal(other) === normal(definition))
  return isThere ? definition : (found[name] ?? null)
}

const constraintExpectations = (table: string, wanted: ExpectedTable, found: FoundTable): ReadonlyArray<Expectation> =>
  Object.entries(wanted.constraints).map(([name, definition]) => ({
    severity: "warning",
    kind: "constraint",
    object: `constraint ${name} on ${table}`,
    wanted: definition,
    found: foundDefinition(name, definition, found.constraints, (same) => same),
    creation: {
      step: definition.startsWith("FOREIGN KEY") ? "foreign key" : "key",
      statements: [`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`]
    }
  }))

const indexExpectations = (table: string, wanted: ExpectedTable, found: FoundTable): ReadonlyArray<Expectation> =>
  Object.entries(wanted.indexes).map(([name, definition]) => ({
    severity: "warning",
    kind: "index",
    object: `index ${name} on ${table}`,
    wanted: definition,
    found: foundDefinition(name, definition, found.indexes, normalIndex),
    creation: { step: "index", statements: [definition] }
  }))

interface TableOptions extends Pick<Expectation, "severity" | "creation"> {
  /** Description of a relation of another kind that has the table's name, such as `a view`. */
  readonly other: string | undefined
}

/** Expectation of a table and, if it exists, of its columns, constraints and indexes. */
export const tableExpectations = (
  name: string,
  wanted: ExpectedTable,
  found: FoundTable | undefined,
  { other, ...itself }: TableOptions
): ReadonlyArray<Expectation> => {
  const description = describeTable(wanted)
  const table: Expectation = {
    ...itself,
    kind: "table",
    object: `table ${name}`,
    wanted: description,
    found: found === undefined ? (other ?? null) : description
  }
  if (found === undefined) return [table]
  return [
    table,
    ...columnExpectations(name, wanted, found),
    ...constraintExpectations(name, wanted, found),
    ...indexExpectations(name, wanted, found)
  ]
}
