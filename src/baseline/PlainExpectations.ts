import { Record } from "effect"
import type { Catalog } from "./Catalog.ts"
import { tableCreation } from "./Creation.ts"
import type { Expectation } from "./Expectation.ts"
import { baselineTables } from "./Schema.ts"
import type { TableName } from "./Schema.ts"
import type { BaselineTable } from "./Table.ts"
import { describeTable, partExpectations } from "./TableExpectations.ts"

const tableExpectations = (name: TableName, wanted: BaselineTable, catalog: Catalog): ReadonlyArray<Expectation> => {
  const { home, owner, timescale } = catalog
  const found = catalog.tables[name]
  const description = describeTable(wanted)
  const itself: Expectation = {
    severity: wanted.core ? "blocking" : "warning",
    kind: "table",
    object: `table ${name}`,
    wanted: description,
    found: found === undefined ? (catalog.others[name] ?? null) : description,
    creation: home === null ? null : { step: "table", statements: tableCreation(name, timescale, home, owner) }
  }
  if (found === undefined) return [itself]
  const isHypertable = catalog.hypertables[name] !== undefined
  const indexes = isHypertable ? { ...wanted.indexes, ...wanted.hypertableIndexes } : wanted.indexes
  return [itself, ...partExpectations(name, { ...wanted, indexes }, found)]
}

/** What the baseline wants of Postgres itself, beside what is there. */
export const plainExpectations = (catalog: Catalog): ReadonlyArray<Expectation> =>
  Record.toEntries(baselineTables).flatMap(([name, table]) => tableExpectations(name, table, catalog))
