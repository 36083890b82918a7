import { Record } from "effect"
import { baselineTables, coreTables } from "../domain/mining/Tables.ts"
import type { TableName } from "../domain/mining/Tables.ts"
import type { Catalog } from "./Catalog.ts"
import { tableStatements } from "./Creation.ts"
import type { Expectation } from "./Expectation.ts"
import { partExpectations, tableExpectation } from "./TableExpectations.ts"
import { timescaleExpectations } from "./TimescaleExpectations.ts"

const expectationsOfTable = (name: TableName, catalog: Catalog): ReadonlyArray<Expectation> => {
  const { home, hypertables, others, owner, tables, timescale } = catalog
  const wanted = baselineTables[name]
  const found = tables[name]
  const itself: Expectation = {
    ...tableExpectation(name, wanted, found, others[name]),
    severity: Object.hasOwn(coreTables, name) ? "blocking" : "warning",
    ...(home === null ? {} : { creation: { step: "table", statements: tableStatements(name, timescale, home, owner) } })
  }
  if (found === undefined) return [itself]
  const timeIndex = hypertables[name] === undefined ? {} : wanted.hypertable?.timeIndex
  return [itself, ...partExpectations(name, { ...wanted, indexes: { ...wanted.indexes, ...timeIndex } }, found)]
}

/** All expectations of the baseline, without parts of missing objects, and without TimescaleDB if it is not installed. */
export const expectationsOf = (catalog: Catalog): ReadonlyArray<Expectation> => [
  ...Record.keys(baselineTables).flatMap((name) => expectationsOfTable(name, catalog)),
  ...(catalog.timescale ? timescaleExpectations(catalog) : [])
]
