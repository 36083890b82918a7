import { Record } from "effect"
import { aggregateStatements, hypertableStatements, policyStatements } from "./creation/Timescale.ts"
import { tableStatements } from "./creation/Tables.ts"
import { baselineTables } from "./Schema.ts"
import type { TableName } from "./Schema.ts"

/**
 * The statements that make one table with all that is its own, in order. It is made in `home`, a schema with its full
 * stop, which has to be in the search path: without one in the first of that path.
 */
export const tableCreation = (name: TableName, timescale: boolean, home = ""): ReadonlyArray<string> => [
  tableStatements[name].replace("CREATE TABLE ", () => `CREATE TABLE ${home}`),
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
