import { coreTables } from "../domain/mining/Tables.ts"
import type { Catalog } from "./Catalog.ts"
import { differenceOf, differencesOf } from "./Difference.ts"
import type { Difference } from "./Difference.ts"
import { repairOrder } from "./Expectation.ts"
import type { Expectation } from "./Expectation.ts"
import { expectationsOf } from "./Expectations.ts"

export interface Repair {
  /** To be run one by one in this order, in one transaction. They only create objects, and write no row. */
  readonly statements: ReadonlyArray<{ readonly object: string; readonly sql: string }>
  /** Differences that operators must fix. */
  readonly manual: ReadonlyArray<Difference>
}

const isMissingTable = ({ kind, problem }: Difference): boolean => kind === "table" && problem === "missing"

/**
 * Returns the repair of a baseline (contract section 7): missing tables, constraints, indexes, policies and aggregates,
 * including the optional refresh policy. There are no statements if no core table exists, because `up` creates the
 * baseline, or if a column is missing or retyped, because the database may be the wrong one.
 */
export const repairOf = (catalog: Catalog): Repair => {
  const differences = differencesOf(catalog)
  const isForeign = differences.some((difference) => difference.severity === "blocking" && !isMissingTable(difference))
  const isEmpty = Object.keys(coreTables).every((name) => catalog.tables[name] === undefined)
  if (isForeign || isEmpty) return { statements: [], manual: differences }

  const expectations = expectationsOf(catalog)
  const isCreatable = ({ creation, found }: Expectation) => found === null && creation !== undefined
  const inStep = (step: (typeof repairOrder)[number]) =>
    expectations
      .filter(isCreatable)
      .flatMap(({ creation, object }) =>
        creation?.step === step ? creation.statements.map((sql) => ({ object, sql })) : []
      )
  return {
    statements: repairOrder.flatMap(inStep),
    manual: expectations.flatMap((expectation) => (isCreatable(expectation) ? [] : (differenceOf(expectation) ?? [])))
  }
}
