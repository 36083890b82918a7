import type { Catalog } from "./Catalog.ts"
import { normalDefault, normalIndex } from "./Definition.ts"
import type { Expectation } from "./Expectation.ts"
import type { Column, Table } from "./Table.ts"

type FoundTable = Catalog["tables"][string]

const describeColumn = ({ nullable, type }: Omit<Column, "default">): string => (nullable ? type : `${type} NOT NULL`)

/** A table for a person: its columns and their types. */
export const describeTable = ({ columns }: Table): string =>
  `a table (${Object.entries(columns)
    .map(([name, column]) => `${name} ${describeColumn(column)}`)
    .join(", ")})`

const columnExpectations = (table: string, wanted: Table, found: FoundTable): ReadonlyArray<Expectation> =>
  Object.entries(wanted.columns).flatMap(([name, column]): ReadonlyArray<Expectation> => {
    const other = found.columns[name]
    const itself: Expectation = {
      severity: other?.type === column.type ? "warning" : "blocking",
      kind: "column",
      object: `column ${table}.${name}`,
      wanted: describeColumn(column),
      found: other === undefined ? null : describeColumn(other),
      creation: null
    }
    if (other === undefined) return [itself]
    const none = "no default"
    const value: Expectation = {
      severity: "warning",
      kind: "default",
      object: `default of ${table}.${name}`,
      wanted: column.default ?? none,
      found: normalDefault(other.default) ?? (column.default === null ? none : null),
      creation: null
    }
    return [itself, value]
  })

/** What answers to a definition: the same under any name, else another under its name. */
const foundDefinition = (
  name: string,
  definition: string,
  found: Readonly<Record<string, string>>,
  normal: (definition: string) => string
): string | null => {
  const isThere = Object.values(found).some((other) => normal(other) === normal(definition))
  return isThere ? definition : (found[name] ?? null)
}

const constraintExpectations = (table: string, wanted: Table, found: FoundTable): ReadonlyArray<Expectation> =>
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

const indexExpectations = (table: string, wanted: Table, found: FoundTable): ReadonlyArray<Expectation> =>
  Object.entries(wanted.indexes).map(([name, definition]) => ({
    severity: "warning",
    kind: "index",
    object: `index ${name} on ${table}`,
    wanted: definition,
    found: foundDefinition(name, definition, found.indexes, normalIndex),
    creation: { step: "index", statements: [definition] }
  }))

/** What is wanted of a table that is there: its columns, constraints and indexes, beside those that it has. */
export const partExpectations = (name: string, wanted: Table, found: FoundTable): ReadonlyArray<Expectation> => [
  ...columnExpectations(name, wanted, found),
  ...constraintExpectations(name, wanted, found),
  ...indexExpectations(name, wanted, found)
]
