import type { Catalog } from "./Catalog.ts"
import { repairOrder } from "./Difference.ts"
import type { Difference } from "./Difference.ts"
import { differencesOf, expectationsOf, lacksCoreTables } from "./Expectations.ts"

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
  if (isForeign || lacksCoreTables(catalog)) return { statements: [], manual: differences }

  const creatable = expectationsOf(catalog).flatMap(({ creation, found, object }) =>
    found === null && creation !== undefined ? [{ object, ...creation }] : []
  )
  const inOrder = repairOrder.flatMap((wanted) => creatable.filter(({ step }) => step === wanted))
  const creatableObjects = new Set(creatable.map(({ object }) => object))
  return {
    statements: inOrder.flatMap(({ object, statements }) => statements.map((sql) => ({ object, sql }))),
    manual: differences.filter(({ object }) => !creatableObjects.has(object))
  }
}
