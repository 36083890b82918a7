import { Record } from "effect"
import { createHash } from "node:crypto"
import { baselineTables, coreTables } from "../domain/mining/Tables.ts"
import type { TableName } from "../domain/mining/Tables.ts"
import type { Catalog } from "./Catalog.ts"
import { tableStatements } from "./Creation.ts"
import { differenceOf } from "./Difference.ts"
import type { Difference, Expectation } from "./Difference.ts"
import { tableExpectations } from "./TableExpectations.ts"
import { timescaleExpectations } from "./TimescaleExpectations.ts"

const expectationsOfTable = (name: TableName, catalog: Catalog): ReadonlyArray<Expectation> => {
  const { home, hypertables, others, owner, tables, timescale } = catalog
  const { columns, constraints, hypertable, indexes } = baselineTables[name]
  const timeIndex = hypertables[name] && hypertable?.timeIndex
  return tableExpectations(name, { columns, constraints, indexes: { ...indexes, ...timeIndex } }, tables[name], {
    severity: Object.hasOwn(coreTables, name) ? "blocking" : "warning",
    other: others[name],
    ...(home === null ? {} : { creation: { step: "table", statements: tableStatements(name, timescale, home, owner) } })
  })
}

/** All expectations of the baseline, without parts of missing objects, and without TimescaleDB if it is not installed. */
export const expectationsOf = (catalog: Catalog): ReadonlyArray<Expectation> => [
  ...Record.keys(baselineTables).flatMap((name) => expectationsOfTable(name, catalog)),
  ...(catalog.timescale ? timescaleExpectations(catalog) : [])
]

/**
 * Differences between a database and the baseline (contract section 7). A missing core table and a missing or retyped
 * column are `blocking`; anything else is a `warning`. Objects that the baseline does not know are not differences.
 */
export const differencesOf = (catalog: Catalog): ReadonlyArray<Difference> =>
  expectationsOf(catalog).flatMap((expectation) => differenceOf(expectation) ?? [])

/**
 * SHA-256 in hexadecimal of the baseline as found: the JSON list of `[object, found]`, ordered by object. It changes only
 * if `differencesOf` would report a change. Versions of Postgres and TimescaleDB, names of indexes and constraints, and
 * additions by others do not affect it.
 */
export const fingerprintOf = (catalog: Catalog): string => {
  const found = new Map(expectationsOf(catalog).map(({ found, object }) => [object, found]))
  const ordered = [...found.keys()].toSorted().map((object) => [object, found.get(object)])
  return createHash("sha256").update(JSON.stringify(ordered)).digest("hex")
}

/** Whether a database has none of the tables that this service needs. */
export const lacksCoreTables = ({ tables }: Catalog): boolean =>
  Record.keys(coreTables).every((name) => tables[name] === undefined)
