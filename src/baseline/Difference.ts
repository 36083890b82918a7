import { Record } from "effect"
import type { Catalog } from "./Catalog.ts"
import { baselineTables } from "./Schema.ts"
import type { Column, Table } from "./Table.ts"

/** One object of the baseline that the database lacks, or has otherwise. */
export interface Difference {
  /** `blocking`: the service cannot run on this; `warning`: it can, and `strict` refuses all the same. */
  readonly severity: "blocking" | "warning"
  readonly kind: "table" | "column" | "constraint" | "index"
  /** Kind and name, such as `column users.btc_address`. */
  readonly object: string
  readonly problem: "missing" | "different"
  readonly wanted: string
  /** `null` where it is missing. */
  readonly found: string | null
}

type FoundTable = Catalog["tables"][string]

const describeColumn = ({ nullable, type }: Column): string => (nullable ? type : `${type} NOT NULL`)

const describeTable = ({ columns }: Table): string =>
  `a table (${Object.entries(columns)
    .map(([name, column]) => `${name} ${describeColumn(column)}`)
    .join(", ")})`

const columnDifferences = (table: string, wanted: Table, found: FoundTable): ReadonlyArray<Difference> =>
  Object.entries(wanted.columns).flatMap(([name, column]): ReadonlyArray<Difference> => {
    const other = found.columns[name]
    const common = { kind: "column", object: `column ${table}.${name}`, wanted: describeColumn(column) } as const
    if (other === undefined) return [{ ...common, severity: "blocking", problem: "missing", found: null }]
    if (other.type === column.type && other.nullable === column.nullable) return []
    const severity = other.type === column.type ? "warning" : "blocking"
    return [{ ...common, severity, problem: "different", found: describeColumn(other) }]
  })

const definitionDifferences = (
  kind: "constraint" | "index",
  table: string,
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>
): ReadonlyArray<Difference> =>
  Object.entries(wanted).flatMap(([name, definition]): ReadonlyArray<Difference> => {
    const other = found[name]
    const common = { severity: "warning", kind, object: `${kind} ${name} on ${table}`, wanted: definition } as const
    if (other === undefined) return [{ ...common, problem: "missing", found: null }]
    return other === definition ? [] : [{ ...common, problem: "different", found: other }]
  })

const tableDifferences = (name: string, wanted: Table, { tables, timescale }: Catalog): ReadonlyArray<Difference> => {
  const found = tables[name]
  if (found === undefined) {
    const severity = wanted.core ? "blocking" : "warning"
    return [
      {
        severity,
        kind: "table",
        object: `table ${name}`,
        problem: "missing",
        wanted: describeTable(wanted),
        found: null
      }
    ]
  }
  const indexes = timescale ? { ...wanted.indexes, ...wanted.hypertableIndexes } : wanted.indexes
  return [
    ...columnDifferences(name, wanted, found),
    ...definitionDifferences("constraint", name, wanted.constraints, found.constraints),
    ...definitionDifferences("index", name, indexes, found.indexes)
  ]
}

/**
 * Where a database differs from the baseline (contract section 7). A missing core table, and a missing or retyped
 * column, are `blocking`; all else is a `warning`. Objects that the baseline does not know are no difference.
 */
export const differencesOf = (catalog: Catalog): ReadonlyArray<Difference> =>
  Record.toEntries<string, Table>(baselineTables).flatMap(([name, table]) => tableDifferences(name, table, catalog))

/** One line for a person. */
export const describeDifference = ({ found, object, wanted }: Difference): string =>
  found === null ? `${object} is missing: wanted ${wanted}` : `${object} is ${found}: wanted ${wanted}`
