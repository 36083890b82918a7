import type { Catalog } from "./Catalog.ts"
import { coreTables } from "./CoreTables.ts"
import { differenceOf, differencesOf } from "./Difference.ts"
import type { Difference } from "./Difference.ts"
import { repairOrder } from "./Expectation.ts"
import type { Expectation } from "./Expectation.ts"
import { expectationsOf } from "./Expectations.ts"

export interface Repair {
  /**
   * To be run one by one, in this order, all in one transaction. Each creates something; none alters, drops or writes a
   * row.
   */
  readonly statements: ReadonlyArray<{ readonly object: string; readonly sql: string }>
  /** What is left to a person. */
  readonly manual: ReadonlyArray<Difference>
}

const isMissingTable = ({ kind, problem }: Difference): boolean => kind === "table" && problem === "missing"

/**
 * What completes a baseline (contract section 7): missing tables, constraints, indexes, policies and aggregates, the
 * refresh policy whose absence is no difference among them. A database without a single core table, or with a column
 * missing or of another type, may not be the baseline's at all, and gets nothing: it is `up` that creates a baseline,
 * and a person who mends a column.
 */
export const repairOf = (catalog: Catalog): Repair => {
  const differences = differencesOf(catalog)
  const isForeign = differences.some((difference) => difference.severity === "blocking" && !isMissingTable(difference))
  const isEmpty = Object.keys(coreTables).every((name) => catalog.tables[name] === undefined)
  if (isForeign || isEmpty) return { statements: [], manual: differences }

  const expectations = expectationsOf(catalog)
  const isCreated = ({ creation, found }: Expectation) => found === null && creation !== null
  const inStep = (step: (typeof repairOrder)[number]) =>
    expectations
      .filter(isCreated)
      .flatMap(({ creation, object }) =>
        creation?.step === step ? creation.statements.map((sql) => ({ object, sql })) : []
      )
  return {
    statements: repairOrder.flatMap(inStep),
    manual: expectations.filter((one) => !isCreated(one)).flatMap((one) => differenceOf(one) ?? [])
  }
}
